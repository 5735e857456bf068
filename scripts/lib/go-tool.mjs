/** Programs that tests compare Sluice with. Go builds them once into the user's cache. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache-directory.mjs';
import { packageRoot } from './package-root.mjs';
import { runCommand } from './run-command.mjs';

/** The file name of a program on this platform. */
export const programName = (name) => (process.platform === 'win32' ? `${name}.exe` : name);

/** Arguments of `go build` for a package, without debug information. */
export const buildArguments = (file, target) => [
  ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
  ...['-o', file, target],
];

/**
 * Returns the folder `name` of the cache, filled once by `make(folder, go)`. `go(args)` runs Go in `project` and
 * returns its output. Returns undefined if the folder does not exist and Go is missing.
 */
export function provideGoFolder({ name, project, timeoutMs, env, make, onProgress = () => {} }) {
  // These tools contain no C code, so no C compiler is needed.
  const go = (args) => runCommand('go', args, { cwd: project, env: { ...env, CGO_ENABLED: '0' }, timeoutMs });
  return fillOnce(name, {
    env,
    canMake: () =>
      runCommand('go', ['version'], { env, timeoutMs: 30_000 }).then(
        () => true,
        () => false,
      ),
    make(folder) {
      onProgress(`building ${name} with Go, once`);
      return make(folder, go);
    },
  });
}

/** Programs in `test/tools/<folder>`. Each is a Go module that uses the Go module `module`. */
const PROGRAMS = {
  /** Knative's data plane. The build takes about 3 minutes on two idle cores. */
  knative: {
    ...{ module: 'knative.dev/eventing', cached: 'knative-data-plane', program: 'knative' },
    timeoutMs: 15 * 60_000,
  },
  /** CloudEvents' SDK for Go. */
  'cloudevents-go': {
    ...{ module: 'github.com/cloudevents/sdk-go/v2', cached: 'cloudevents-go', program: 'send-events' },
    timeoutMs: 5 * 60_000,
  },
  /** Tablestore's Go client with its tunnel worker. */
  'tablestore-go': {
    ...{
      module: 'github.com/aliyun/aliyun-tablestore-go-sdk',
      cached: 'tablestore-go',
      program: 'tablestore',
    },
    timeoutMs: 5 * 60_000,
  },
};

/** Returns the path of one of these programs; undefined if it does not exist and Go is missing. */
export async function provideGoProgram(tool, { env = process.env, onProgress } = {}) {
  const { module, cached, program, timeoutMs } = PROGRAMS[tool];
  const project = join(packageRoot, 'test', 'tools', tool);
  const file = programName(program);
  const folder = await provideGoFolder({
    ...{ name: `${cached}-${await versionIn(project, module)}`, project, timeoutMs, env, onProgress },
    make: (temporaryFolder, go) => go(buildArguments(join(temporaryFolder, file), '.')),
  });
  return folder === undefined ? undefined : join(folder, file);
}

/** The module's version, and a hash of the program's sources, so that changed sources are built again. */
async function versionIn(project, module) {
  const hash = createHash('sha256');
  for (const name of (await readdir(project)).sort())
    hash.update(`${name}\n`).update(await readFile(join(project, name)));
  return `${await requiredVersion(project, module)}-${hash.digest('hex').slice(0, 8)}`;
}

/** The version of a module in a project's go.mod. */
export async function requiredVersion(project, module) {
  const text = await readFile(join(project, 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*(?:require )?${module} v([^\\s+]+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(project, 'go.mod')} does not require ${module}`);
  return version;
}
