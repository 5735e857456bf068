import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock, unlock } from '../runtime/lock-file.ts';

/** A folder of scratch space that belongs to this process alone, with an id that stays as long as the folder does. */
export interface LockedScratchFolder {
  readonly id: string;
  readonly root: string;
  /** The runs that have left files here. */
  listRunFolders(): string[];
  release(): void;
}

/**
 * Takes a scratch folder below `parent` that no live process has, so that a restarted worker goes on with the parts of
 * the one before it; makes a new one with a new id when all are taken.
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
  throw new Error(`no scratch folder below ${parent} can be locked`);
}

const newId = (): string => randomBytes(6).toString('hex');
