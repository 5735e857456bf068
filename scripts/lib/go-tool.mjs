/** Programs that the tests compare with, built once with Go into the user's cache. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache-directory.mjs';
import { packageRoot } from './package-root.mjs';
import { runCommand } from './run-command.mjs';

/** The name of a program's file as this platform has it. */
export const programName = (name) => (process.platform === 'win32' ? `${name}.exe` : name);

/** `go build` of a package into a file, without what only a debugger needs. */
export const buildArguments = (file, target) => [
  ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
  ...['-o', file, target],
];

/**
 * Answers the folder `name` of the cache, filled once by `make(folder, go)`, where `go(args)` runs Go in `project` and
 * answers its output; undefined where the folder is not there and Go is not there to fill it.
 */
export function provideGoFolder({ name, project, deadlineMs, env, make, onProgress = () => {} }) {
  // Nothing in these tools needs C, so no C compiler is asked for.
  const go = (args) =>
    runCommand('go', args, { cwd: project, env: { ...env, CGO_ENABLED: '0' }, deadlineMs });
  return fillOnce(name, {
    env,
    canMake: () =>
      runCommand('go', ['version'], { env, deadlineMs: 30_000 }).then(
        () => true,
        () => false,
      ),
    make(folder) {
      onProgress(`building ${name} with Go, once`);
      return make(folder, go);
    },
  });
}

/** Programs of `test/tools/<folder>`, each a Go module of its own around the module that it is named after. */
const PROGRAMS = {
  /** Knative's own data plane. It takes about 3 minutes on two cores that have nothing else to do. */
  knative: {
    ...{ module: 'knative.dev/eventing', cached: 'knative-data-plane', program: 'knative' },
    deadlineMs: 15 * 60_000,
  },
  /** Tablestore's own Go client with its tunnel worker. */
  'tablestore-go': {
    ...{
      module: 'github.com/aliyun/aliyun-tablestore-go-sdk',
      cached: 'tablestore-go',
      program: 'tablestore',
    },
    deadlineMs: 5 * 60_000,
  },
};

/** Answers the path of one of these programs; undefined where it is not there and Go is not there to build it. */
export async function provideGoProgram(tool, { env = process.env, onProgress } = {}) {
  const { module, cached, program, deadlineMs } = PROGRAMS[tool];
  const project = join(packageRoot, 'test', 'tools', tool);
  const file = programName(program);
  const folder = await provideGoFolder({
    ...{ name: `${cached}-${await versionIn(project, module)}`, project, deadlineMs, env, onProgress },
    make: (making, go) => go(buildArguments(join(making, file), '.')),
  });
  return folder === undefined ? undefined : join(folder, file);
}

/** The module's version, for people, and what the program is built of: another source is another program. */
async function versionIn(project, module) {
  const hash = createHash('sha256');
  for (const name of (await readdir(project)).sort())
    hash.update(`${name}\n`).update(await readFile(join(project, name)));
  return `${await requiredVersion(project, module)}-${hash.digest('hex').slice(0, 8)}`;
}

/** The version of a module that a project's go.mod requires. */
export async function requiredVersion(project, module) {
  const text = await readFile(join(project, 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*(?:require )?${module} v([^\\s+]+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(project, 'go.mod')} does not require ${module}`);
  return version;
}
