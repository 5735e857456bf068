import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../runtime/process-identity.ts';
import { CommandError } from '../command.ts';
import { readIdentity } from './read-identity.ts';

/**
 * Makes this process the one supervisor of `root` and answers how to give that up. A lock that a dead supervisor
 * left is taken over.
 * @throws CommandError naming the pid of the supervisor that owns it
 */
export function ownHome(root: string): () => void {
  const lock = join(root, 'supervisor.lock');
  const mine = join(root, `.supervisor-${process.pid}`);
  writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    // A link either is made or is not: two starts at once cannot both have it.
    while (!linked(mine, lock)) removeStale(lock, `${mine}-stale`, root);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(lock, { force: true });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(lock: string, aside: string, root: string): void {
  refuseIfAlive(readOwner(lock), root);
  try {
    renameSync(lock, aside);
  } catch {
    return; // Another start was first; the next link tells.
  }
  const moved = readOwner(aside);
  // What was moved may be the lock of a start that came between the look and the move: it gets it back.
  if (moved !== undefined && isAlive(moved)) linked(aside, lock);
  rmSync(aside, { force: true });
  refuseIfAlive(moved, root);
}

function refuseIfAlive(owner: ProcessIdentity | undefined, root: string): void {
  if (owner === undefined || !isAlive(owner)) return;
  throw new CommandError(
    `another \`sluice start\` (pid ${owner.pid}) is running with SLUICE_HOME ${root}; ` +
      'stop it, or use another SLUICE_HOME and SLUICE_PORT_OFFSET',
  );
}

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    return readIdentity(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
