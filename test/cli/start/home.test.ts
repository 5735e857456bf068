import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFilesForOwner, openHome } from '../../../cli/start/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-home-'));
after(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('the folders of a new home, and files that are created later, are readable by their owner alone', () => {
  const before = process.umask();
  try {
    createFilesForOwner();
    const home = openHome(join(folder, 'new'));
    for (const path of [home.root, home.logs, home.local, home.scratch]) assert.equal(modeOf(path), '700');
    writeFileSync(home.temporalDb, '');
    assert.equal(modeOf(home.temporalDb), '600');
    assert.equal(modeOf(join(home.root, 'api-token')), '600');
  } finally {
    process.umask(before);
  }
});

test('what an earlier version left readable for others becomes readable by its owner alone', () => {
  const root = join(folder, 'old');
  for (const name of ['logs', 'local', 'scratch']) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['logs', 'local', 'scratch']) chmodSync(join(root, name), 0o755);
  for (const suffix of ['', '-wal', '-shm']) {
    writeFileSync(join(root, `temporal.db${suffix}`), '');
    chmodSync(join(root, `temporal.db${suffix}`), 0o644);
  }
  const home = openHome(root);
  for (const path of [home.logs, home.local, home.scratch]) assert.equal(modeOf(path), '700');
  for (const suffix of ['', '-wal', '-shm']) assert.equal(modeOf(`${home.temporalDb}${suffix}`), '600');
});
