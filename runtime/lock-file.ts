import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** The process that holds a lock. */
interface LockHolder extends ProcessIdentity {
  readonly host: string;
}

/**
 * Acquires the lock file `path` for this process. Returns false if another live process holds the lock. If the holder
 * is dead, its lock is replaced, so no cleanup is necessary after a crash. A holder on another host counts as live.
 */
export function tryLock(path: string): boolean {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('cannot determine the identity of this process');
  const ownFile = `${path}.${randomUUID()}`;
  writeFileSync(ownFile, JSON.stringify({ ...me, host: hostname() } satisfies LockHolder));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (tryLink(ownFile, path)) return true;
      const content = readIfExists(path);
      if (content !== undefined && isHolderAlive(content)) return false;
      // Only one of several processes can rename the stale lock. If a new lock was renamed by mistake, it is put back.
      const staleFile = `${path}.${randomUUID()}`;
      try {
        renameSync(path, staleFile);
      } catch {
        continue;
      }
      if (readIfExists(staleFile) !== content) tryLink(staleFile, path);
      rmSync(staleFile, { force: true });
    }
    return false;
  } finally {
    rmSync(ownFile, { force: true });
  }
}

/** Returns the process id in a lock file; undefined if the file is missing or unreadable. */
export function lockHolderPid(path: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as LockHolder).pid;
  } catch {
    return undefined;
  }
}

/** Releases the lock. */
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
