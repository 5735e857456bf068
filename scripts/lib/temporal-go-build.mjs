/** Builds the Temporal CLI from source with Go, if the download is not possible. */
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/**
 * The newest version of the CLI that `go install` can build. Later versions replace a nested module, which `go install`
 * refuses.
 */
export const CLI_VERSION = '1.5.1';
const TIMEOUT_MS = 20 * 60_000;

/** Builds the pinned version into `folder` and returns the path of the executable. */
export async function buildTemporal({ folder, name, env, onProgress }) {
  await runCommand('go', ['version'], { env, timeoutMs: 30_000 }).catch((error) => {
    throw new Error(`Go is not installed (${error.message})`);
  });
  onProgress(`building the Temporal CLI ${CLI_VERSION} with Go, once, about 4 minutes`);
  const module = `github.com/temporalio/cli/cmd/temporal@v${CLI_VERSION}`;
  await runCommand('go', ['install', '-ldflags', '-s -w', module], {
    cwd: folder,
    // The CLI contains no C code, so no C compiler is needed.
    env: { ...env, GOBIN: folder, CGO_ENABLED: '0' },
    timeoutMs: TIMEOUT_MS,
  });
  return join(folder, name);
}
