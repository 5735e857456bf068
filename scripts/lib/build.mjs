/** Builds dist/: the compiled TypeScript and the workflow bundle, each only if its sources have changed. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { packageRoot } from './package-root.mjs';
import { runCommand } from './run-command.mjs';
import { hashOf, sourceFiles } from './source-files.mjs';

const TIMEOUT_MS = 10 * 60_000;
const dist = join(packageRoot, 'dist');
const bundle = join(dist, 'workflow-bundle.js');

/** Updates dist/. Returns whether anything was built. */
export async function build({ progress = () => {} } = {}) {
  const sources = await sourceFiles();
  const settings = ['package-lock.json', 'tsconfig.json'];
  const compiled = await checkStamp('.compiled', [...sources, ...settings], outputsOf(sources));
  if (compiled.needed) {
    progress('tsc');
    await compile(sources);
    await compiled.markBuilt();
  }
  const inBundle = sources.filter((file) => /^(workflows|domain|activities)\//.test(file));
  const types = join(dist, 'workflows', 'exported.d.ts');
  const bundled = await checkStamp(
    '.bundled',
    [...inBundle, ...settings, 'tsconfig.exported.json'],
    [bundle, types],
  );
  if (bundled.needed) {
    progress('types of the package exports');
    await node('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.exported.json']);
    progress('workflow bundle');
    await node('scripts/lib/bundle-workflows.mjs', [join(dist, 'workflows', 'index.js'), bundle]);
    await bundled.markBuilt();
  }
  return compiled.needed || bundled.needed;
}

/**
 * Compares a stamp in dist/ with the content of the sources. A missing output counts as a change. If a build is needed,
 * deletes the stamp.
 */
async function checkStamp(stampName, files, outputs) {
  const stampFile = join(dist, stampName);
  const stamp = await hashOf(files);
  const found = await readFile(stampFile, 'utf8').catch(() => '');
  const complete = outputs.every((file) => existsSync(file));
  const needed = found !== stamp || !complete;
  if (needed) await rm(stampFile, { force: true });
  // tsc uses its record .tsbuildinfo, and would not write a missing output again.
  if (!complete) await rm(join(dist, '.tsbuildinfo'), { force: true });
  return { needed, markBuilt: () => writeFile(stampFile, stamp) };
}

async function compile(sources) {
  await mkdir(dist, { recursive: true });
  await removeOrphans(sources);
  await node('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
}

/** Deletes compiled files of sources that no longer exist. */
async function removeOrphans(sources) {
  const known = new Set(outputsOf(sources).flatMap((file) => [file, `${file}.map`]));
  for (const entry of await readdir(dist, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && /\.js(\.map)?$/.test(file) && file !== bundle && !known.has(file)) await rm(file);
  }
}

const outputsOf = (sources) => sources.map((file) => join(dist, file.replace(/\.ts$/, '.js')));

async function node(script, args) {
  await runCommand(process.execPath, [script, ...args.map((arg) => relativeIfInside(arg))], {
    cwd: packageRoot,
    env: process.env,
    timeoutMs: TIMEOUT_MS,
  });
}

const relativeIfInside = (path) => (path.startsWith(packageRoot) ? relative(packageRoot, path) : path);
