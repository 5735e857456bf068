/** The Temporal CLI built from source with Go, for where its download cannot be reached. */
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/** The newest version that `go install` can build: later ones replace a nested module, which it refuses. */
export const GO_VERSION = '1.5.1';
const DEADLINE_MS = 20 * 60_000;

/** Builds the pinned version into `folder` and answers the executable's path. */
export async function buildTemporal({ folder, name, env, onProgress }) {
  await runCommand('go', ['version'], { env, deadlineMs: 30_000 }).catch((error) => {
    throw new Error(`Go is not there (${error.message})`);
  });
  onProgress(`building the Temporal CLI ${GO_VERSION} with Go, once, about 4 minutes`);
  const module = `github.com/temporalio/cli/cmd/temporal@v${GO_VERSION}`;
  await runCommand('go', ['install', '-ldflags', '-s -w', module], {
    cwd: folder,
    // Nothing in it needs C, so no C compiler is asked for.
    env: { ...env, GOBIN: folder, CGO_ENABLED: '0' },
    deadlineMs: DEADLINE_MS,
  });
  return join(folder, name);
}
