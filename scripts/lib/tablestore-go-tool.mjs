/** Tablestore's own Go client with its tunnel worker as one program: test/tools/tablestore-go. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArguments, programName, provideGoTool } from './go-tool.mjs';
import { packageRoot } from './package-root.mjs';

const MODULE = 'github.com/aliyun/aliyun-tablestore-go-sdk';
const BUILD_MS = 5 * 60_000;
const project = join(packageRoot, 'test', 'tools', 'tablestore-go');

/**
 * Answers the path of the program, built once with Go into the user's cache from test/tools/tablestore-go; undefined
 * where it is not there and Go is not there to build it. Safe to run several times at once.
 */
export async function provideTablestoreGoTool({ env = process.env, onProgress } = {}) {
  const program = programName('tablestore');
  const folder = await provideGoTool({
    ...{ name: await cacheName(), project, deadlineMs: BUILD_MS, env, onProgress },
    make: (making, go) => go(buildArguments(join(making, program), '.')),
  });
  return folder === undefined ? undefined : join(folder, program);
}

/** By the client's version, for people, and by what the program is built of: another source is another program. */
async function cacheName() {
  const hash = createHash('sha256');
  for (const name of (await readdir(project)).sort())
    hash.update(`${name}\n`).update(await readFile(join(project, name)));
  const text = await readFile(join(project, 'go.mod'), 'utf8');
  const version = new RegExp(`^\\s*${MODULE} v([^\\s+]+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(project, 'go.mod')} does not require ${MODULE}`);
  return `tablestore-go-${version}-${hash.digest('hex').slice(0, 8)}`;
}
