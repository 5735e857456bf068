/** Chooses mutants, runs the tests for each of them, and makes the report. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root.mjs';
import { duration } from '../lib/steps.mjs';
import { waitForAll } from '../lib/wait-for-all.mjs';
import { drawMutants } from './choose-mutants.mjs';
import { measureCoverage } from './coverage.mjs';
import { openProgram } from './mutated-program.mjs';
import { copyProject } from './project-copy.mjs';
import { isInFolder, summarise, survivors, table } from './report.mjs';
import { runMutant, testsKey } from './run-mutant.mjs';

/**
 * The minimum percentages of killed mutants: of all mutants, and of the mutants in each folder. With `--since`, there
 * is only a minimum for all mutants.
 */
const ENOUGH = { all: 90, folder: 80, since: 85 };

/** A run without `--count` has at most this many mutants. With `--since`, it has all mutants of the changed lines. */
const DEFAULT_COUNT = 100;

/**
 * Returns `{complete, enough, report, text}`. A run that was stopped continues with the same mutants, because
 * `progressFile` has a line for each finished mutant. `jobs` mutants are tested at the same time.
 */
export async function mutateFolders(task) {
  const { folders, seed, changed, steps, temporal, tests, jobs, signal, equivalents, progressFile } = task;
  const copies = await Promise.all(Array.from({ length: jobs }, copyProject));
  try {
    const program = await steps.step('mutants', async () => openProgram());
    const chosen = await chooseMutants(program, task);
    const coverage = await steps.step(
      'coverage',
      (progress) => measureCoverage(copies[0].root, tests, { temporal, signal, onProgress: progress }),
      (found) => `${Object.values(found).filter(({ passed }) => passed).length} test files`,
    );
    rejectFailingTests(coverage);

    const inBundle = await filesInBundle();
    const keyOf = (mutant) =>
      testsKey(copies[0], mutant, { coverage, isInBundle: inBundle.has(mutant.file) });
    const results = await readFinished(progressFile);
    for (const mutant of chosen) {
      // If there are new tests, a mutant that no test has noticed is tested again. A mutant that changes no behaviour
      // is not tested again.
      const { status, testsKey: known } = results.get(mutant.id) ?? { status: 'killed' };
      if (status.startsWith('killed') || equivalents.has(mutant.id)) continue;
      if (known !== (await keyOf(mutant))) results.delete(mutant.id);
    }
    const context = { ...task, program, coverage, inBundle, keyOf, results };
    const waiting = chosen.filter(({ id }) => !results.has(id));
    await waitForAll(copies.map((copy) => testMutants(copy, waiting, context)));

    const done = chosen.flatMap((mutant) => {
      const result = results.get(mutant.id);
      const { status, by, ms } = result ?? {};
      return status === undefined ? [] : [{ ...shown(mutant), status, by, ms }];
    });
    const rows = summarise(done, folders, equivalents);
    const enough = rows.every(({ folder, percent, mutants }) => {
      if (folder === 'all') return percent >= (changed === undefined ? ENOUGH.all : ENOUGH.since);
      return changed !== undefined || mutants === 0 || percent >= ENOUGH.folder;
    });
    const text = [survivors(done, equivalents), table(rows)].filter(Boolean).join('\n\n');
    return { complete: done.length === chosen.length, enough, text, report: { seed, rows, mutants: done } };
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
  }
}

/** Tests mutants from the list `waiting` in one copy, until the list is empty or the time is used up. */
async function testMutants(
  copy,
  waiting,
  { program, endAt, inBundle, keyOf, results, progressFile, ...context },
) {
  for (let mutant = waiting.shift(); mutant !== undefined && Date.now() < endAt; mutant = waiting.shift()) {
    const result = await runMutant(copy, mutant, {
      ...context,
      isInBundle: inBundle.has(mutant.file),
      code: program.compile(mutant),
    });
    results.set(mutant.id, result);
    const finished = { id: mutant.id, ...result, testsKey: await keyOf(mutant) };
    await appendFile(progressFile, `${JSON.stringify(finished)}\n`);
    const by = result.by === undefined ? '' : ` by ${result.by}`;
    console.log(
      `${result.status}${by}  ${duration(result.ms)}  ${mutant.file}:${mutant.line} ${mutant.kind} ` +
        `(${mutant.id}); ${waiting.length} wait`,
    );
  }
}

/** Returns the mutants to test. Mutants that do not compile are replaced by other ones. */
async function chooseMutants(program, { folders, files, changed, count, seed }) {
  const { seededRandom } = await import('../../dist/local/faults/seeded-random.js');
  const random = seededRandom(seed);
  const byFolder = {};
  for (const folder of folders) {
    byFolder[folder] = files
      .filter((file) => isInFolder(file, folder) && (changed === undefined || changed.has(file)))
      .flatMap((file) => program.mutants(file))
      .filter(({ file, line }) => changed === undefined || changed.get(file).has(line));
  }
  const all = Object.values(byFolder).reduce((sum, mutants) => sum + mutants.length, 0);
  const wanted = count ?? (changed === undefined ? DEFAULT_COUNT : all);
  // Some mutants do not compile. So more are drawn, and each folder keeps its share.
  const drawn = drawMutants(byFolder, { count: Math.min(all, wanted * 2), random });
  const share = new Map(folders.map((folder) => [folder, 0]));
  for (const mutant of drawMutants(byFolder, { count: wanted, random: seededRandom(seed) })) {
    const folder = folders.find((each) => isInFolder(mutant.file, each));
    share.set(folder, share.get(folder) + 1);
  }
  return drawn.filter((mutant) => {
    const folder = folders.find((each) => isInFolder(mutant.file, each));
    const left = share.get(folder);
    if (left === 0 || program.compile(mutant) === undefined) return false;
    share.set(folder, left - 1);
    return true;
  });
}

function rejectFailingTests(coverage) {
  const failing = Object.entries(coverage).filter(([, { passed }]) => !passed);
  if (failing.length === 0) return;
  const output = failing.flatMap(([file, { output: text }]) => [`${file}:`, ...text.split('\n').slice(-15)]);
  throw Object.assign(new Error(`${failing.length} test files fail without any mutant; correct them first`), {
    outputLines: output,
  });
}

async function filesInBundle() {
  const code = await readFile(join(packageRoot, 'dist', 'workflow-bundle.js'), 'utf8');
  const [, encoded] = /sourceMappingURL=data:application\/json[^,]*base64,(\S+)\s*$/.exec(code) ?? [];
  if (encoded === undefined) throw new Error('the workflow bundle has no source map');
  const { sources } = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  return new Set(
    sources
      .flatMap(
        (source) => /(?:^|\/)((?:workflows|domain|activities|ports)\/.*)\.(?:js|ts)$/.exec(source)?.[1] ?? [],
      )
      .map((path) => `${path}.ts`),
  );
}

async function readFinished(progressFile) {
  const text = await readFile(progressFile, 'utf8').catch(() => '');
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return new Map(lines.map(({ id, ...result }) => [id, result]));
}

const shown = ({ id, file, line, kind, before, text }) => ({ id, file, line, kind, before, text });
