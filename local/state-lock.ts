import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolderPid, tryLock, unlock } from '../runtime/lock-file.ts';

/**
 * Locks the state directory for this process. Throws if another live process holds the lock, because two processes
 * would delete each other's files. Takes over the lock of a killed process. Returns a function that releases the lock.
 */
export function lockState(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'lock.json');
  if (!tryLock(path)) {
    throw new Error(
      `state directory ${dir} is in use by process ${lockHolderPid(path)}; stop it, or choose another SLUICE_LOCAL_DIR`,
    );
  }
  return () => unlock(path);
}
