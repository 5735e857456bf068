import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Who holds a lock. */
interface LockHolder extends ProcessIdentity {
  readonly host: string;
}

/**
 * Takes the lock `path` for this process, or answers false when another live one has it. A lock whose process is gone
 * is taken over, so nothing has to be cleaned up after a crash; one held on another host counts as live.
 */
export function tryLock(path: string): boolean {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('this process cannot identify itself');
  const ownFile = `${path}.${randomUUID()}`;
  writeFileSync(ownFile, JSON.stringify({ ...me, host: hostname() } satisfies LockHolder));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (tryLink(ownFile, path)) return true;
      const seen = readIfExists(path);
      if (seen !== undefined && isHolderAlive(seen)) return false;
      // Only one of several can rename the dead lock away; whoever renamed a fresh one by mistake puts it back.
      const staleFile = `${path}.${randomUUID()}`;
      try {
        renameSync(path, staleFile);
      } catch {
        continue;
      }
      if (readIfExists(staleFile) !== seen) tryLink(staleFile, path);
      rmSync(staleFile, { force: true });
    }
    return false;
  } finally {
    rmSync(ownFile, { force: true });
  }
}

/** The process that holds a lock, as far as its file tells. */
export function lockHolderPid(path: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as LockHolder).pid;
  } catch {
    return undefined;
  }
}

/** Gives the lock back. */
export function unlock(path: string): void {
  rmSync(path, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isHolderAlive(text: string): boolean {
  try {
    const { pid, startedAt, host = hostname() } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string') return false;
    return host !== hostname() || isAlive({ pid, startedAt });
  } catch {
    return false;
  }
}
