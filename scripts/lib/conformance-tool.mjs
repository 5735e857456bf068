/** The conformance tool of the CloudEvents project, and its files. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArguments, programName, provideGoFolder, requiredVersion } from './go-tool.mjs';
import { packageRoot } from './package-root.mjs';

const MODULE = 'github.com/cloudevents/conformance';
const BUILD_MS = 4 * 60_000;
const project = join(packageRoot, 'test', 'tools', 'cloudevents');

/**
 * Returns the folder with the program `cloudevents`, `yaml/` and `features/`, in the version of
 * test/tools/cloudevents/go.mod. Builds it once with Go. Returns undefined if it does not exist and Go is missing.
 * Safe for concurrent runs.
 */
export async function provideConformanceTool({ env = process.env } = {}) {
  const name = `cloudevents-conformance-${await requiredVersion(project, MODULE)}`;
  return provideGoFolder({ name, project, timeoutMs: BUILD_MS, env, make });
}

async function make(folder, go) {
  await go(buildArguments(join(folder, programName('cloudevents')), `${MODULE}/cmd/cloudevents`));
  const module = (await go(['list', '-m', '-f', '{{.Dir}}', MODULE])).trim();
  for (const part of ['yaml', 'features']) await copyFiles(join(module, part), join(folder, part));
}

/**
 * Copies contents, but not file modes: files in Go's module cache are read-only, and such copies could not be
 * deleted.
 */
async function copyFiles(from, to) {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFiles(source, target);
    else await writeFile(target, await readFile(source));
  }
}
