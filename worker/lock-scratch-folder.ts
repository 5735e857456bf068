import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock, unlock } from '../runtime/lock-file.ts';

/** A scratch folder that only this process uses. A folder keeps its id until it is deleted. */
export interface LockedScratchFolder {
  readonly id: string;
  readonly root: string;
  /** Returns the run ids that have files in this folder. */
  listRunFolders(): string[];
  release(): void;
}

/**
 * Locks a scratch folder below `parent` that no live process uses. So a restarted worker continues with the parts of
 * the worker before it. Creates a new folder with a new id if all folders are locked.
 */
export function lockScratchFolder(parent: string): LockedScratchFolder {
  const known = readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  for (const id of [...known.sort(), newId()]) {
    const root = join(parent, id);
    mkdirSync(root, { recursive: true });
    const lock = join(root, 'lock');
    if (!tryLock(lock)) continue;
    return {
      id,
      root,
      listRunFolders: () =>
        readdirSync(root, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => name),
      release: () => unlock(lock),
    };
  }
  throw new Error(`cannot lock any scratch folder below ${parent}`);
}

const newId = (): string => randomBytes(6).toString('hex');
