/** The CloudEvents project's own conformance tool and its files. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArguments, programName, provideGoFolder, requiredVersion } from './go-tool.mjs';
import { packageRoot } from './package-root.mjs';

const MODULE = 'github.com/cloudevents/conformance';
const BUILD_MS = 4 * 60_000;
const project = join(packageRoot, 'test', 'tools', 'cloudevents');

/**
 * Answers the folder that holds the program `cloudevents`, `yaml/` and `features/`, in the version of
 * test/tools/cloudevents/go.mod, built once with Go; undefined where it is not there and Go is not there to build it.
 * Safe to run several times at once.
 */
export async function provideConformanceTool({ env = process.env } = {}) {
  const name = `cloudevents-conformance-${await requiredVersion(project, MODULE)}`;
  return provideGoFolder({ name, project, deadlineMs: BUILD_MS, env, make });
}

async function make(folder, go) {
  await go(buildArguments(join(folder, programName('cloudevents')), `${MODULE}/cmd/cloudevents`));
  const module = (await go(['list', '-m', '-f', '{{.Dir}}', MODULE])).trim();
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
