/** The CloudEvents project's own conformance tool and its files, built once with Go into the user's cache. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.mjs';
import { packageRoot } from './package-root.mjs';
import { runCommand } from './run-command.mjs';

const MODULE = 'github.com/cloudevents/conformance';
const BUILD_MS = 4 * 60_000;
const project = join(packageRoot, 'test', 'tools', 'cloudevents');

/**
 * Answers the folder that holds the program `cloudevents`, `yaml/` and `features/`, in the version of
 * test/tools/cloudevents/go.mod; undefined where it is not there and Go is not there to build it. Safe to run several
 * times at once.
 */
export async function provideConformanceTool({ env = process.env } = {}) {
  const version = await pinnedVersion();
  const cache = cacheDirectory(env);
  const folder = join(cache, `cloudevents-conformance-${version}`);
  if (await isThere(folder)) return folder;
  const go = await runCommand('go', ['version'], { env, deadlineMs: 30_000 }).catch(() => undefined);
  if (go === undefined) return undefined;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, '.making-'));
  try {
    await build(making, env);
    // Another run may have been faster; both are the same.
    await rename(making, folder).catch(async (error) => {
      if (!(await isThere(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function pinnedVersion() {
  const text = await readFile(join(project, 'go.mod'), 'utf8');
  const version = new RegExp(`require ${MODULE} v(\\S+)`).exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(project, 'go.mod')} does not require ${MODULE}`);
  return version;
}

async function build(folder, env) {
  const program = join(folder, process.platform === 'win32' ? 'cloudevents.exe' : 'cloudevents');
  const run = (args) =>
    runCommand('go', args, { cwd: project, env: { ...env, CGO_ENABLED: '0' }, deadlineMs: BUILD_MS });
  await run(['build', '-trimpath', '-ldflags', '-s -w', '-o', program, `${MODULE}/cmd/cloudevents`]);
  const module = (await run(['list', '-m', '-f', '{{.Dir}}', MODULE])).trim();
  for (const part of ['yaml', 'features']) await copyFiles(join(module, part), join(folder, part));
}

/** Contents only: what lies in Go's module cache is read-only, folders included, and could not be removed. */
async function copyFiles(from, to) {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFiles(source, target);
    else await writeFile(target, await readFile(source));
  }
}

const isThere = (folder) =>
  stat(join(folder, 'features')).then(
    () => true,
    () => false,
  );
