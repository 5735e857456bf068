import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { tryLock, unlock } from '../../runtime/lock-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
const children: ChildProcess[] = [];
after(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const program = `
  const { tryLock } = await import(process.argv[1]);
  process.on('message', () => process.send(tryLock(process.argv[2])));
  process.send('up');
`;

/** A child process that tries to acquire the lock on request, and then keeps running. */
async function startLockingProcess(path: string) {
  const module = new URL('../../runtime/lock-file.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, module, path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  await once(child, 'message');
  return {
    async tryLock(): Promise<boolean> {
      const answer = once(child, 'message');
      child.send('try');
      return (await answer)[0] as boolean;
    },
    async kill(): Promise<void> {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('a lock that is held cannot be acquired until it is released', () => {
  const path = join(dir, 'plain');
  assert.equal(tryLock(path), true);
  assert.equal(tryLock(path), false);
  unlock(path);
  assert.equal(tryLock(path), true);
  unlock(path);
  assert.deepEqual(readdirSync(dir), [], 'no files remain');
});

test('respects the lock of a live process, and takes over the lock of a killed process', async () => {
  const path = join(dir, 'killed');
  const other = await startLockingProcess(path);
  assert.equal(await other.tryLock(), true);
  assert.equal(tryLock(path), false);
  await other.kill();
  assert.equal(tryLock(path), true);
  unlock(path);
});

test('if several processes find a stale lock, exactly one acquires it', async () => {
  const path = join(dir, 'raced');
  const holder = await startLockingProcess(path);
  await holder.tryLock();
  const others = await Promise.all([
    startLockingProcess(path),
    startLockingProcess(path),
    startLockingProcess(path),
  ]);
  await holder.kill();
  const got = await Promise.all(others.map((other) => other.tryLock()));
  assert.equal(got.filter(Boolean).length, 1);
  assert.equal(tryLock(path), false);
  unlock(path);
});

const leftovers: readonly (readonly [name: string, content: string, isTakenOver: boolean])[] = [
  [
    'from another host, whose process id is in use here with another start time,',
    JSON.stringify({ pid: process.pid, startedAt: '1', host: 'x' }),
    false,
  ],
  ['that is truncated', '{"pid":', true],
  ['that is empty', '', true],
];

for (const [name, content, isTakenOver] of leftovers) {
  test(`a lock ${name} is ${isTakenOver ? 'taken over' : 'respected'}`, () => {
    const path = join(dir, 'leftover');
    writeFileSync(path, content);
    assert.equal(tryLock(path), isTakenOver);
    unlock(path);
  });
}
