/** Runs compiled test files with node:test, and checks that they leave nothing behind. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftoverFolders, leftoverProcesses } from './leftovers.mjs';
import { packageRoot } from './package-root.mjs';
import { sourceFiles } from './source-files.mjs';

const FILE_MS = 5 * 60_000;
const ALL_MS = 40 * 60_000;
const FAILED_FILES_REPORTER = new URL('failed-files-reporter.mjs', import.meta.url).href;
/** If more files than this fail, slow timing is not the cause. */
const MAX_REPEATED_FILES = 3;

/**
 * The compiled test files of a suite: `soak` or `conformance`. If `suite` is undefined, all files except soak and
 * `.long.test.ts`. `filters` select files whose path contains one of them.
 */
export async function testFiles(suite, filters) {
  const slow = /^test\/soak\/|\.long\.test\.ts$/;
  return (await sourceFiles())
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => (suite === undefined ? !slow.test(file) : file.startsWith(`test/${suite}/`)))
    .filter(
      (file) => /^test\//.test(file) && (filters.length === 0 || filters.some((part) => file.includes(part))),
    )
    .map((file) => join('dist', file.replace(/\.ts$/, '.js')));
}

/**
 * Runs the files. Returns all problems, one sentence each. Files may fail because other files run at the same time.
 * With `repeatFailed`, at most three failed files run once more, one at a time. If all of them pass in the second run,
 * their failures are no problems, and `flaky` has their names.
 */
export async function runTests(files, { temporal, repeatFailed = false }) {
  const run = randomUUID();
  const temp = await mkdtemp(join(tmpdir(), 'sluice-run-'));
  const reports = await mkdtemp(join(tmpdir(), 'sluice-failed-'));
  const env = { ...process.env, TMPDIR: temp, SLUICE_TEST_RUN: run, SLUICE_TEST_TEMPORAL: temporal };
  const problems = [];
  let flaky = [];
  try {
    const report = join(reports, 'failed');
    let code = await nodeTest(files, { env, report, concurrency: 3 });
    const failed = [...new Set((await readFile(report, 'utf8').catch(() => '')).split('\n').filter(Boolean))];
    const mayRepeat = failed.length <= MAX_REPEATED_FILES && failed.every((file) => files.includes(file));
    // The code 1 means that tests have failed. A run that was killed has another code, and has not run all files.
    if (code === 1 && repeatFailed && failed.length > 0 && mayRepeat) {
      console.log(`\n! ${failed.join(', ')} failed beside other tests. Once more, alone:\n`);
      code = await nodeTest(failed, { env, report, concurrency: 1 });
      if (code === 0) flaky = failed;
    }
    if (code !== 0) problems.push(`tests failed (exit code ${code})`);
    for (const { pid, command } of (await leftoverProcesses(`SLUICE_TEST_RUN=${run}`)) ?? []) {
      problems.push(`process ${pid} was left running: ${command}`);
      killProcess(pid);
    }
    for (const folder of await leftoverFolders(temp)) problems.push(`${folder} was left behind`);
  } finally {
    await Promise.all([temp, reports].map((folder) => rm(folder, { recursive: true, force: true })));
  }
  return { problems, flaky };
}

function killProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}

function nodeTest(files, { env, report, concurrency }) {
  const options = [
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${FILE_MS}`,
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${FAILED_FILES_REPORTER}`, `--test-reporter-destination=${report}`],
  ];
  const child = spawn(process.execPath, [...options, ...files], {
    cwd: packageRoot,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const forwardSignal = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forwardSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), ALL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forwardSignal);
      resolve(code ?? signal);
    });
  });
}
