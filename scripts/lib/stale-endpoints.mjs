/** What an earlier start said of itself must not be believed while a new one is on its way. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';

/** Removes endpoints.json where the supervisor that wrote it is gone; a live one's is left alone. */
export function removeStaleEndpoints(home = process.env.SLUICE_HOME || join(packageRoot, '.sluice')) {
  const file = join(home, 'endpoints.json');
  try {
    const { pids } = JSON.parse(readFileSync(file, 'utf8'));
    process.kill(pids.supervisor, 0);
  } catch (error) {
    // A process of somebody else's may not be signalled, but is there.
    if (error.code !== 'ENOENT' && error.code !== 'EPERM') rmSync(file, { force: true });
  }
}
