/** Finds which lines each test file runs, in its own process and in the processes that it starts. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../lib/package-root.mjs';
import { waitForAll } from '../lib/wait-for-all.mjs';
import { compiledPath, runTestFile } from './project-copy.mjs';

/** Covered lines are kept here, because measuring them takes as long as all tests. */
const CACHE = join(packageRoot, 'dist', '.mutation-coverage.json');

/** As many test files run at the same time as in `npm test`. */
const PARALLEL = 3;

/** A test file that runs longer than this is not used. */
const TEST_MS = 5 * 60_000;

/**
 * Measures the covered lines of each test file, in the copy at `root`. Returns a map from test file to
 * `{ms, passed, output, lines}`; `lines` is a map from source file to `{hash, lines}`. A test file is measured again if
 * its text has changed.
 */
export async function measureCoverage(root, testFiles, { temporal, signal, onProgress }) {
  const cached = JSON.parse(await readFile(CACHE, 'utf8').catch(() => '{}'));
  const measured = {};
  const waiting = [];
  for (const file of testFiles) {
    const hash = await textHash(file);
    if (cached[file]?.hash === hash && cached[file].passed) measured[file] = cached[file];
    else waiting.push({ file, hash });
  }
  const total = waiting.length;
  let saved = Promise.resolve();
  const measureNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      onProgress(`${total - waiting.length} of ${total}: ${next.file}`);
      measured[next.file] = { hash: next.hash, ...(await coverageOf(root, next.file, { temporal, signal })) };
      saved = saved.then(() => save({ ...cached, ...measured }));
      await saved;
    }
  };
  await waitForAll(Array.from({ length: PARALLEL }, measureNext));
  // A test that failed beside others gets a second chance alone.
  for (const file of testFiles) if (!measured[file].passed) waiting.push({ file, hash: measured[file].hash });
  await measureNext();
  return measured;
}

/** Replaces the file of the cache in one step. So the cache is never incomplete, even if this process is killed. */
async function save(coverage) {
  await writeFile(`${CACHE}.new`, JSON.stringify(coverage));
  await rename(`${CACHE}.new`, CACHE);
}

async function coverageOf(root, file, { temporal, signal }) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-coverage-'));
  try {
    const { passed, ms, output } = await runTestFile(root, file, {
      ...{ temporal, signal },
      timeoutMs: TEST_MS,
      coverage: folder,
    });
    const lines = {};
    for (const name of await readdir(folder)) {
      const report = await readFile(join(folder, name), 'utf8').then(JSON.parse, () => ({ result: [] }));
      for (const script of report.result) await addLines(lines, root, script);
    }
    const found = {};
    for (const [source, covered] of Object.entries(lines))
      found[source] = { hash: await textHash(source), lines: [...covered].sort((a, b) => a - b) };
    return { passed, ms, output: passed ? '' : output, lines: found };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds the covered source lines of one script to `lines`, a map from source file to a set of line numbers. */
async function addLines(lines, root, { url, functions }) {
  if (!url.startsWith('file:')) return;
  const path = relative(root, fileURLToPath(url));
  if (!/^dist\/(?!test\/|bench\/|workflow-bundle).*\.js$/.test(path)) return;
  const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  const { code, lineOf } = await compiled(root, source);
  const covered = coveredCharacters(code, functions);
  lines[source] ??= new Set();
  for (let at = 0; at < lineOf.length; at++)
    if (covered[at] === 1 && lineOf[at] > 0) lines[source].add(lineOf[at]);
}

/** Returns an array with 1 for each character that has run. Ranges can be nested; here the outer ones come first. */
function coveredCharacters(code, functions) {
  const covered = new Uint8Array(code.length);
  const ranges = functions.flatMap((each) => each.ranges);
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges)
    covered.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return covered;
}

const compiledFiles = new Map();

async function compiled(root, source) {
  const known = compiledFiles.get(source);
  if (known !== undefined) return known;
  const path = join(root, compiledPath(source));
  const [code, map] = await Promise.all([readFile(path, 'utf8'), readFile(`${path}.map`, 'utf8')]);
  const result = { code, lineOf: sourceLines(code, new SourceMap(JSON.parse(map))) };
  compiledFiles.set(source, result);
  return result;
}

/** The source line of each character of compiled code; 0 for characters without one, such as indentation. */
function sourceLines(code, map) {
  const lineOf = new Int32Array(code.length);
  let at = 0;
  for (const [row, text] of code.split('\n').entries()) {
    for (let column = text.search(/\S/); column >= 0 && column < text.length; column++)
      lineOf[at + column] = (map.findEntry(row, column).originalLine ?? -1) + 1;
    at += text.length + 1;
  }
  return lineOf;
}

const hashes = new Map();

/** Identifies the text of a file of the project. */
export async function textHash(file) {
  const known = hashes.get(file);
  if (known !== undefined) return known;
  const text = await readFile(join(packageRoot, file)).catch(() => Buffer.alloc(0));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  hashes.set(file, hash);
  return hash;
}

/**
 * Returns the test files that cover a line, the fastest first. If the source file has changed since the measurement,
 * every test file that runs any of its lines counts.
 */
export async function testsOf(coverage, file, line) {
  const hash = await textHash(file);
  return Object.entries(coverage)
    .filter(([, { passed, lines }]) => {
      const found = lines[file];
      return passed && found !== undefined && (found.hash !== hash || found.lines.includes(line));
    })
    .sort(([, a], [, b]) => a.ms - b.ms)
    .map(([test, { ms }]) => ({ test, ms }));
}
