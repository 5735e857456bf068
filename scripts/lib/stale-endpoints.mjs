/** Deletes the endpoints.json of an earlier start, so that no command uses it during a new start. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';

/** Deletes endpoints.json if its supervisor is not running. */
export function removeStaleEndpoints(home = process.env.SLUICE_HOME || join(packageRoot, '.sluice')) {
  const file = join(home, 'endpoints.json');
  try {
    const { pids } = JSON.parse(readFileSync(file, 'utf8'));
    process.kill(pids.supervisor, 0);
  } catch (error) {
    // EPERM: the process belongs to another user, so it exists.
    if (error.code !== 'ENOENT' && error.code !== 'EPERM') rmSync(file, { force: true });
  }
}
