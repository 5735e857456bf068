/**
 * `npm run mutate -- [folder …] [--since REV] [--seed N] [--count N] [--minutes N] [--jobs N] [--tests PART,…]`: makes
 * mistakes in copies of the code, and checks that a test notices each of them. See CONTRIBUTING.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from './lib/package-root.mjs';
import { testFiles } from './lib/run-tests.mjs';
import { buildStep, dependenciesStep, temporalStep } from './lib/setup-steps.mjs';
import { sourceFiles } from './lib/source-files.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

/** The folders that are mutated if none is named. Mistakes in these folders can lose data. */
const FOLDERS = [
  ...['domain/zip', 'domain/unzip', 'domain/weather', 'activities', 'adapters', 'workflows'],
  ...['gateway', 'source', 'ots/tunnel', 'api'],
];
const SETTINGS = {
  since: { type: 'string' },
  seed: { type: 'string', default: '1' },
  count: { type: 'string' },
  minutes: { type: 'string' },
  jobs: { type: 'string', default: '2' },
  tests: { type: 'string', default: '' },
};
const results = join(packageRoot, 'test', 'mutation');

const git = (...args) =>
  execFileSync('git', args, { cwd: packageRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

await runScript(async () => {
  const { values, positionals } = parseArgs({ options: SETTINGS, allowPositionals: true });
  const seed = wholeNumber('--seed', values.seed);
  const count = values.count === undefined ? undefined : wholeNumber('--count', values.count);
  const minutes = values.minutes === undefined ? undefined : wholeNumber('--minutes', values.minutes);
  const jobs = wholeNumber('--jobs', values.jobs);
  const folders = positionals.length === 0 ? FOLDERS : positionals.map((folder) => folder.replace(/\/$/, ''));
  const sources = (await sourceFiles()).filter((file) => !/^(test|bench)\//.test(file));
  for (const folder of folders)
    if (!sources.some((file) => file === folder || file.startsWith(`${folder}/`)))
      throw new Error(
        `${folder} has no source files; name folders such as ${FOLDERS.slice(0, 3).join(', ')}`,
      );
  if (git('status', '--porcelain').trim() !== '')
    throw new Error('the working tree has changes that are not committed; commit them first');
  const changed = values.since === undefined ? undefined : await changesSince(values.since);
  const tests = (await testFiles(undefined, values.tests.split(',').filter(Boolean)))
    .map((file) => file.replace(/^dist\//, '').replace(/\.js$/, '.ts'))
    // These tests are about the scripts and the package, which are not copied.
    .filter((file) => !/^test\/(scripts|package)\//.test(file));
  if (tests.length === 0)
    throw new Error(
      `no test file has ${JSON.stringify(values.tests)} in its path; name parts of paths such as api/alerts`,
    );

  const steps = createSteps();
  await dependenciesStep(steps);
  const temporal = await temporalStep(steps);
  await buildStep(steps);
  // TypeScript is loaded only now, because the dependencies may have been missing before.
  const { mutateFolders } = await import('./mutate/mutate-folders.mjs');
  const outcome = await mutateFolders({
    ...{ folders, seed, count, jobs, changed, steps, temporal, tests },
    files: sources,
    endAt: minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000,
    signal: abortOnSignals(),
    equivalents: await readEquivalents(),
    progressFile: join(packageRoot, 'dist', `.mutants-${seed}.jsonl`),
  });
  console.log(outcome.text);
  if (values.since === undefined && values.tests === '' && positionals.length === 0 && outcome.complete) {
    await mkdir(results, { recursive: true });
    await writeFile(join(results, `seed-${seed}.json`), `${JSON.stringify(outcome.report, undefined, 1)}\n`);
  }
  if (!outcome.complete) console.log('not finished: run the same command again to go on');
  process.exitCode = outcome.complete && outcome.enough ? 0 : 1;
});

/** Ctrl-C ends the tests, so that no process and no copy is left. */
function abortOnSignals() {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error('stopped; run the same command again to go on'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, abort);
  return controller.signal;
}

function wholeNumber(name, text) {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Error(`${name} is ${JSON.stringify(text)}; allowed: a whole number from 1`);
  return Number(text);
}

async function changesSince(revision) {
  const { changedLines } = await import('./mutate/choose-mutants.mjs');
  try {
    return changedLines(git('diff', '--unified=0', revision, '--', '*.ts'));
  } catch {
    throw new Error(`--since is ${JSON.stringify(revision)}, which git does not know`);
  }
}

/** The mutants that change no behaviour, by id. */
async function readEquivalents() {
  const file = join(results, 'equivalent-mutants.json');
  if (!existsSync(file)) return new Map();
  const list = JSON.parse(await readFile(file, 'utf8'));
  return new Map(list.map(({ id, why }) => [id, why]));
}
