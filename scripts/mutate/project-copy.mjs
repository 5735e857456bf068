/**
 * A copy of the built project in a temporary folder. Mutants are put only into copies, so the project never changes.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftoverProcesses } from '../lib/leftovers.mjs';
import { packageRoot } from '../lib/package-root.mjs';
import { runCommand } from '../lib/run-command.mjs';

const BUNDLE_MS = 5 * 60_000;

/** The maximum length of the kept output of a test. Earlier output is dropped. */
const OUTPUT_CHARACTERS = 20_000;

/** Copies dist/, and links everything else. */
export async function copyProject() {
  const root = await mkdtemp(join(tmpdir(), 'sluice-mutate-'));
  for (const name of await readdir(packageRoot))
    if (name !== 'dist' && name !== '.git') await symlink(join(packageRoot, name), join(root, name));
  await cp(join(packageRoot, 'dist'), join(root, 'dist'), { recursive: true });
  const bundle = join(root, 'dist', 'workflow-bundle.js');
  const originalBundle = await readFile(bundle);

  /** Replaces the compiled code of a source file with `code`. Returns a function that restores the file. */
  async function replaceCode(file, code, { isInBundle }) {
    const compiled = join(root, compiledPath(file));
    const original = await readFile(compiled);
    await writeFile(compiled, code);
    if (isInBundle) {
      const args = ['scripts/lib/bundle-workflows.mjs', 'dist/workflows/index.js', 'dist/workflow-bundle.js'];
      await runCommand(process.execPath, args, { cwd: root, env: process.env, timeoutMs: BUNDLE_MS });
    }
    return async () => {
      await writeFile(compiled, original);
      if (isInBundle) await writeFile(bundle, originalBundle);
    };
  }

  return { root, replaceCode, remove: () => rm(root, { recursive: true, force: true }) };
}

/** The compiled file of a source file, from the root. */
export const compiledPath = (file) => join('dist', file.replace(/\.ts$/, '.js'));

/**
 * Runs one test file. Returns `{passed, timedOut, ms, output}`. All processes that the test has started are ended.
 * With `coverage`, V8 writes its coverage into that folder. If `signal` is aborted, the processes are ended at once,
 * and the reason is thrown.
 */
export async function runTestFile(root, file, { temporal, timeoutMs, coverage, signal }) {
  signal.throwIfAborted();
  const run = randomUUID();
  const temp = await mkdtemp(join(tmpdir(), 'sluice-mutate-run-'));
  if (coverage !== undefined) await mkdir(coverage, { recursive: true });
  const env = {
    ...process.env,
    TMPDIR: temp,
    SLUICE_TEST_RUN: run,
    SLUICE_TEST_TEMPORAL: temporal,
    ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }),
  };
  const began = Date.now();
  const child = spawn(process.execPath, ['--enable-source-maps', compiledPath(file)], {
    ...{ cwd: root, env, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const endGroup = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group has already ended.
    }
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARACTERS);
    });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup();
  }, timeoutMs);
  signal.addEventListener('abort', endGroup);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode));
  });
  signal.removeEventListener('abort', endGroup);
  clearTimeout(timer);
  const ms = Date.now() - began;
  endGroup();
  for (const { pid } of (await leftoverProcesses(`SLUICE_TEST_RUN=${run}`)) ?? []) kill(pid);
  await rm(temp, { recursive: true, force: true });
  signal.throwIfAborted();
  return { passed: code === 0, timedOut, ms, output };
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}
