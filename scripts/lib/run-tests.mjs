/** Runs compiled test files with node:test, and checks that they leave nothing behind. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftoverFolders, leftoverProcesses } from './leftovers.mjs';
import { packageRoot } from './package-root.mjs';
import { sourceFiles } from './source-files.mjs';

const FILE_MS = 5 * 60_000;
const ALL_MS = 30 * 60_000;

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

/** Runs the files. Returns all problems, one sentence each. */
export async function runTests(files, { temporal }) {
  const run = randomUUID();
  const temp = await mkdtemp(join(tmpdir(), 'sluice-run-'));
  const problems = [];
  try {
    const code = await nodeTest(files, {
      ...process.env,
      TMPDIR: temp,
      SLUICE_TEST_RUN: run,
      SLUICE_TEST_TEMPORAL: temporal,
    });
    if (code !== 0) problems.push(`tests failed (exit code ${code})`);
    for (const { pid, command } of (await leftoverProcesses(`SLUICE_TEST_RUN=${run}`)) ?? []) {
      problems.push(`process ${pid} was left running: ${command}`);
      killProcess(pid);
    }
    for (const folder of await leftoverFolders(temp)) problems.push(`${folder} was left behind`);
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
  return problems;
}

function killProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}

function nodeTest(files, env) {
  const options = [
    '--enable-source-maps',
    '--test',
    '--test-concurrency=3',
    `--test-timeout=${FILE_MS}`,
    '--test-reporter=spec',
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
