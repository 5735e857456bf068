import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  createProcessRecord,
  endLeftoverProcesses,
  STARTED_FOR_VARIABLE,
} from '../../../cli/start/process-record.ts';

let root = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-test-leftovers-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  }
  rmSync(root, { recursive: true, force: true });
});

/** A process that reports when it runs. `stubborn` ones ignore SIGTERM. */
async function start({ stubborn = false, env = {} } = {}): Promise<ChildProcess> {
  const code = `${stubborn ? "process.on('SIGTERM', () => {});" : ''} console.log('up'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

test('recorded processes are ended, also if they ignore SIGTERM', async () => {
  const polite = await start();
  const stubborn = await start({ stubborn: true });
  const record = createProcessRecord(root);
  record.add('worker', polite.pid ?? 0);
  record.add('temporal', stubborn.pid ?? 0);
  const exits = Promise.all([once(polite, 'exit'), once(stubborn, 'exit')]);
  assert.deepEqual(await endLeftoverProcesses(root), ['worker', 'temporal']);
  assert.deepEqual(
    (await exits).map(([, signal]) => signal),
    ['SIGTERM', 'SIGKILL'],
  );
  assert.equal(existsSync(join(root, 'pids.json')), false);
});

test('a later process with the pid of a recorded one is not ended', async () => {
  const child = await start();
  createProcessRecord(root).add('worker', child.pid ?? 0);
  const file = join(root, 'pids.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"startedAt": "[^"]*"/, '"startedAt": "1"'));
  assert.deepEqual(await endLeftoverProcesses(root), []);
  assert.equal(child.signalCode, null);
});

test('a process that its supervisor could not record is found by its environment variable', {
  skip: process.platform === 'linux' ? false : 'there is no /proc to read',
}, async () => {
  const child = await start({ env: { [STARTED_FOR_VARIABLE]: root } });
  const stranger = await start({ env: { [STARTED_FOR_VARIABLE]: `${root}-other` } });
  const exit = once(child, 'exit');
  assert.deepEqual(await endLeftoverProcesses(root), [`process ${child.pid}`]);
  assert.equal((await exit)[1], 'SIGTERM');
  assert.equal(stranger.signalCode, null);
});

test('without a record nothing is ended', async () => {
  assert.deepEqual(await endLeftoverProcesses(root), []);
});
