/** Provides the Temporal CLI. Its `server start-dev` is the Temporal server of a local start and of the tests. */
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, normalize } from 'node:path';
import { cacheDirectory } from './cache-directory.mjs';
import { CommandFailed, runCommand } from './run-command.mjs';
import { recordChecksum, requireUnchanged } from './temporal-checksum.mjs';
import { DOWNLOAD_BASE, DOWNLOADS, downloadTemporal } from './temporal-download.mjs';
import { buildTemporal, CLI_VERSION } from './temporal-go-build.mjs';

const REMEDIES = `do one of these, then start again:
  install the Temporal CLI, so that \`temporal\` is on PATH: https://docs.temporal.io/cli#install
  set TEMPORAL_CLI_PATH to the path of a Temporal CLI
  install Go (https://go.dev/dl), and Sluice builds the CLI from source, once`;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Returns the path of a working Temporal CLI: TEMPORAL_CLI_PATH if it is set. Otherwise tries, in this order:
 * `temporal` on PATH; the user's cache, which has the result of an earlier run; the official download; a build with Go.
 * Safe for concurrent runs.
 * @throws CommandFailed if TEMPORAL_CLI_PATH does not run, if a copy in the cache has changed, or if all attempts fail.
 * In the last case, the error has all attempts and the remedies
 */
export async function provideTemporal({
  env: givenEnv = process.env,
  platform = process.platform,
  arch = process.arch,
  downloadBase = DOWNLOAD_BASE,
  downloads = DOWNLOADS,
  firstByteMs = 8_000,
  onProgress = () => {},
} = {}) {
  const path = foldersOnPath(givenEnv.PATH ?? '');
  // `go` and `tar` are also searched only in these folders.
  const env = { ...givenEnv, PATH: path.join(delimiter) };
  if (env.TEMPORAL_CLI_PATH) {
    const why = await whyNotRunnable(env.TEMPORAL_CLI_PATH, env);
    if (why === undefined) return env.TEMPORAL_CLI_PATH;
    throw new CommandFailed(
      `TEMPORAL_CLI_PATH is ${JSON.stringify(env.TEMPORAL_CLI_PATH)}, which does not run: ${why}`,
      {
        remedy: 'set it to the path of a Temporal CLI, or unset it',
      },
    );
  }

  const name = platform === 'win32' ? 'temporal.exe' : 'temporal';
  const cache = cacheDirectory(env, platform);
  const downloaded = join(cache, `temporal-download-${CLI_VERSION}`, name);
  const built = join(cache, `temporal-${CLI_VERSION}`, name);
  const onPath = path.map((folder) => join(folder, name));
  const cached = [downloaded, built];
  for (const candidate of [...onPath, ...cached]) {
    if (await isExecutableFile(candidate)) {
      if (cached.includes(candidate)) await requireUnchanged(candidate);
      const why = await whyNotRunnable(candidate, env);
      if (why === undefined) return candidate;
      onProgress(`${candidate} does not run (${why}), trying the next one`);
    }
  }

  const failures = [];
  for (const [how, target, make] of [
    [
      'download',
      downloaded,
      (folder) =>
        downloadTemporal({
          ...{ folder, name, env, downloadBase, downloads, platform, arch, firstByteMs, onProgress },
        }),
    ],
    ['build with Go', built, (folder) => buildTemporal({ folder, name, env, onProgress })],
  ]) {
    try {
      return await putInCache(cache, target, make, env);
    } catch (error) {
      failures.push(
        `${how}: ${error.message}`,
        ...(error.outputLines ?? []).slice(-5).map((line) => `| ${line}`),
      );
    }
  }
  throw new CommandFailed('there is no Temporal CLI, and it could not be provided', {
    outputLines: failures,
    remedy: REMEDIES,
  });
}

/**
 * The folders on the PATH that the user has chosen. Relative folders are left out, because they depend on where a
 * command is run. npm adds `node_modules/.bin` of all parent folders. They are left out, too, because everybody who
 * can write to one of them could provide a program.
 */
export const foldersOnPath = (path) =>
  path.split(delimiter).filter((folder) => isAbsolute(folder) && !NPM_FOLDER.test(normalize(folder)));

const NPM_FOLDER = /[\\/]node_modules[\\/]\.bin[\\/]?$/;

/** Creates the file in a temporary folder and renames it, so that a concurrent run never sees an incomplete file. */
async function putInCache(cache, target, make, env) {
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const folder = await mkdtemp(join(cache, '.making-'));
  try {
    const made = await make(folder);
    const why = await whyNotRunnable(made, env);
    if (why !== undefined) throw new Error(`the result does not run: ${why}`);
    await mkdir(join(target, '..'), { recursive: true });
    await recordChecksum(made, target);
    await rename(made, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(cache) {
  for (const entry of await readdir(cache)) {
    if (!entry.startsWith('.making-')) continue;
    const age = await stat(join(cache, entry)).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > DAY_MS) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

async function isExecutableFile(path) {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Returns why `<path> --version` does not exit with 0, or undefined if it does. Ignores the output. */
async function whyNotRunnable(path, env) {
  try {
    await runCommand(path, ['--version'], { env, timeoutMs: 30_000 });
    return undefined;
  } catch (error) {
    return error.message;
  }
}
