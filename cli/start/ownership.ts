import { join } from 'node:path';
import { holderOf, tryLock, unlock } from '../../runtime/lock-file.ts';
import { CommandError } from '../command.ts';

/**
 * Makes this process the one supervisor of `root` and answers how to give that up. A lock that a dead supervisor
 * left is taken over.
 * @throws CommandError naming the pid of the supervisor that owns it
 */
export function ownHome(root: string): () => void {
  const lock = join(root, 'supervisor.lock');
  if (!tryLock(lock)) {
    throw new CommandError(
      `another \`sluice start\` (pid ${holderOf(lock)}) is running with SLUICE_HOME ${root}; ` +
        'stop it, or use another SLUICE_HOME and SLUICE_PORT_OFFSET',
    );
  }
  return () => unlock(lock);
}
