import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lockHome } from '../../../cli/start/supervisor.ts';
import { identify } from '../../../runtime/process-identity.ts';

let root = '';
let otherProcess: ChildProcess;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-test-ownership-'));
  otherProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
});
afterEach(async () => {
  const gone = new Promise((resolve) => otherProcess.once('exit', resolve));
  if (otherProcess.kill('SIGKILL')) await gone;
  rmSync(root, { recursive: true, force: true });
});

const writeLock = (identity: unknown): void =>
  writeFileSync(join(root, 'supervisor.lock'), JSON.stringify(identity));

test('a home has one owner, and is free after the owner releases it', () => {
  const release = lockHome(root);
  assert.throws(() => lockHome(root), {
    message: new RegExp(`\\(pid ${process.pid}\\) is running with SLUICE_HOME ${root}`),
  });
  release();
  lockHome(root)();
  assert.deepEqual(readdirSync(root), []);
});

test('a home that another live process owns is rejected with its pid', () => {
  writeLock(identify(otherProcess.pid ?? 0));
  assert.throws(() => lockHome(root), { message: new RegExp(`pid ${otherProcess.pid}`) });
  assert.ok(existsSync(join(root, 'supervisor.lock')));
});

for (const [why, lockContent] of [
  ['a dead process', { pid: 2 ** 22 + 1, startedAt: '1' }],
  ['an earlier process whose pid is used again', { pid: process.pid, startedAt: '1' }],
  ['an unreadable owner', 'torn'],
] as const) {
  test(`a lock of ${why} is taken over`, () => {
    writeLock(lockContent);
    const release = lockHome(root);
    release();
    assert.deepEqual(readdirSync(root), []);
  });
}
