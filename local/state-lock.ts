import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../runtime/process-identity.ts';

/**
 * Takes the state directory for this process, or throws when another living one has it: two of them would sweep
 * away each other's files. A lock left by a process that was killed is taken over. Returns how to give it back.
 */
export function lockState(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'lock.json');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identify(process.pid)));
  try {
    linkSync(draft, path);
  } catch {
    const holder = holderOf(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(
        `state directory ${dir} is in use by process ${holder.pid}; stop it, or choose another SLUICE_LOCAL_DIR`,
      );
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}
