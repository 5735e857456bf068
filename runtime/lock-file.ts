import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Who holds a lock. */
interface Holder extends ProcessIdentity {
  readonly host: string;
}

/**
 * Takes the lock `path` for this process, or answers false when another live one has it. A lock whose process is gone
 * is taken over, so nothing has to be cleaned up after a crash; one held on another host counts as live.
 */
export function tryLock(path: string): boolean {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('this process cannot identify itself');
  const mine = `${path}.${randomUUID()}`;
  writeFileSync(mine, JSON.stringify({ ...me, host: hostname() } satisfies Holder));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (link(mine, path)) return true;
      const seen = read(path);
      if (seen !== undefined && isHeld(seen)) return false;
      // Only one of several can rename the dead lock away; whoever renamed a fresh one by mistake puts it back.
      const aside = `${path}.${randomUUID()}`;
      try {
        renameSync(path, aside);
      } catch {
        continue;
      }
      if (read(aside) !== seen) link(aside, path);
      rmSync(aside, { force: true });
    }
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Gives the lock back. */
export function unlock(path: string): void {
  rmSync(path, { force: true });
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isHeld(text: string): boolean {
  try {
    const holder = JSON.parse(text) as Holder;
    return holder.host !== hostname() || isAlive(holder);
  } catch {
    return false;
  }
}
