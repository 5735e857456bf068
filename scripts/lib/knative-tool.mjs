/** Knative's own data plane as one program: test/tools/knative. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArguments, programName, provideGoTool } from './go-tool.mjs';
import { packageRoot } from './package-root.mjs';

const MODULE = 'knative.dev/eventing';
/** It takes about 3 minutes on two cores that have nothing else to do. */
const BUILD_MS = 15 * 60_000;
const project = join(packageRoot, 'test', 'tools', 'knative');

/**
 * Answers the path of the program, built once with Go into the user's cache from test/tools/knative; undefined where it
 * is not there and Go is not there to build it. Safe to run several times at once.
 */
export async function provideKnativeTool({ env = process.env, onProgress } = {}) {
  const program = programName('knative');
  const folder = await provideGoTool({
    ...{ name: await cacheName(), project, deadlineMs: BUILD_MS, env, onProgress },
    make: (making, go) => go(buildArguments(join(making, program), '.')),
  });
  return folder === undefined ? undefined : join(folder, program);
}

/** By Knative's version, for people, and by what the program is built of: another source is another program. */
async function cacheName() {
  const hash = createHash('sha256');
  for (const name of (await readdir(project)).sort())
    hash.update(`${name}\n`).update(await readFile(join(project, name)));
  const text = await readFile(join(project, 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*${MODULE} v(\\S+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(project, 'go.mod')} does not require ${MODULE}`);
  return `knative-data-plane-${version}-${hash.digest('hex').slice(0, 8)}`;
}
