import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lockScratchFolder } from '../../worker/lock-scratch-folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sluice-scratch-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('keeps the id of a folder when the next worker uses the folder', () => {
  const first = lockScratchFolder(parent);
  first.release();
  const second = lockScratchFolder(parent);
  assert.equal(second.id, first.id);
  assert.equal(second.root, first.root);
  second.release();
});

test('gives two concurrent workers different folders', () => {
  const disks = [lockScratchFolder(parent), lockScratchFolder(parent), lockScratchFolder(parent)];
  assert.equal(new Set(disks.map(({ id }) => id)).size, 3);
  assert.equal(new Set(disks.map(({ root }) => root)).size, 3);
  for (const disk of disks) disk.release();
});

test('gives a new id if the folder was lost', () => {
  const first = lockScratchFolder(parent);
  first.release();
  rmSync(first.root, { recursive: true });
  const second = lockScratchFolder(parent);
  assert.notEqual(second.id, first.id);
  second.release();
});

test('lists the run folders, and passes them on to the next worker', () => {
  const disk = lockScratchFolder(parent);
  for (const run of ['run-1', 'run-2']) {
    mkdirSync(join(disk.root, run));
    writeFileSync(join(disk.root, run, '0.zip'), 'x');
  }
  assert.deepEqual(disk.listRunFolders().sort(), ['run-1', 'run-2']);
  disk.release();
  const next = lockScratchFolder(parent);
  assert.deepEqual(next.listRunFolders().sort(), ['run-1', 'run-2']);
  assert.ok(existsSync(join(next.root, 'run-2', '0.zip')));
  next.release();
});

test('passes the folder of a killed worker on to the next worker', async () => {
  const module = new URL('../../worker/lock-scratch-folder.js', import.meta.url).href;
  const program = `
    const { lockScratchFolder } = await import(process.argv[1]);
    process.send(lockScratchFolder(process.argv[2]).id);
    setInterval(() => {}, 1000);
  `;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program, module, parent], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(worker, 'exit');
  try {
    const [id] = await once(worker, 'message');
    const second = lockScratchFolder(parent);
    assert.notEqual(second.id, id, 'the folder is locked while the worker is alive');
    worker.kill('SIGKILL');
    await gone;
    const successor = lockScratchFolder(parent);
    assert.equal(successor.id, id);
    successor.release();
    second.release();
  } finally {
    worker.kill('SIGKILL');
    await gone;
  }
});
