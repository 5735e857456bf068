import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolderPid, tryLock, unlock } from '../runtime/lock-file.ts';

/**
 * Takes the state directory for this process, or throws when another living one has it: two of them would sweep
 * away each other's files. A lock left by a process that was killed is taken over. Returns how to give it back.
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
