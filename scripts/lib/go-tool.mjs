/** Programs that the tests compare with, built once with Go into the user's cache. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.mjs';
import { runCommand } from './run-command.mjs';

/**
 * Answers the folder `name` of the cache, filled once by `make(folder, go)`, where `go(args)` runs Go in `project` and
 * answers its output; undefined where the folder is not there and Go is not there to fill it. Safe to run several
 * times at once.
 */
export async function provideGoTool({ name, project, deadlineMs, env, make, onProgress = () => {} }) {
  const cache = cacheDirectory(env);
  const folder = join(cache, name);
  if (await isThere(folder)) return folder;
  const found = await runCommand('go', ['version'], { env, deadlineMs: 30_000 }).catch(() => undefined);
  if (found === undefined) return undefined;
  // Nothing in these tools needs C, so no C compiler is asked for.
  const go = (args) =>
    runCommand('go', args, { cwd: project, env: { ...env, CGO_ENABLED: '0' }, deadlineMs });
  onProgress(`building ${name} with Go, once`);
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, '.making-'));
  try {
    await make(making, go);
    // Another run may have been faster; both are the same.
    await rename(making, folder).catch(async (error) => {
      if (!(await isThere(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** The name of a program's file as this platform has it. */
export const programName = (name) => (process.platform === 'win32' ? `${name}.exe` : name);

/** `go build` of a package into a file, without what only a debugger needs. */
export const buildArguments = (file, target) => [
  ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
  ...['-o', file, target],
];

const isThere = (folder) =>
  stat(folder).then(
    () => true,
    () => false,
  );
