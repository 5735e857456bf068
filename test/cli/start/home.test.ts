import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHome, restrictNewFilesToOwner } from '../../../cli/start/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-home-'));
after(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('the folders of a new home, and files that are created later, are readable by their owner alone', () => {
  const before = process.umask();
  try {
    restrictNewFilesToOwner();
    const home = openHome(join(folder, 'new'));
    for (const path of [home.root, home.logs, home.local, home.scratch]) assert.equal(modeOf(path), '700');
    writeFileSync(home.temporalDb, '');
    assert.equal(modeOf(home.temporalDb), '600');
    for (const file of ['api-token', 'channel-keys']) assert.equal(modeOf(join(home.root, file)), '600');
  } finally {
    process.umask(before);
  }
});

test('an existing home that others can read becomes readable by its owner alone', () => {
  const root = join(folder, 'readable');
  mkdirSync(join(root, 'logs'), { recursive: true });
  chmodSync(root, 0o755);
  assert.equal(openHome(root).warning, undefined);
  assert.equal(modeOf(root), '700');
});

test('a home with files that are not of Sluice keeps its permissions, and the start warns', () => {
  const root = join(folder, 'shared');
  mkdirSync(root);
  writeFileSync(join(root, 'mine.txt'), '');
  chmodSync(root, 0o755);
  assert.equal(
    openHome(root).warning,
    `other users can read SLUICE_HOME ${root}; run \`chmod 700\` on it, or set SLUICE_HOME to another folder`,
  );
  assert.equal(modeOf(root), '755');
  assert.equal(modeOf(join(root, 'logs')), '700');
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

test('a new home gets a key of 32 bytes for channels, and keeps it', () => {
  const root = join(folder, 'keys');
  const { channelKeys } = openHome(root);
  assert.equal(Buffer.from(channelKeys, 'base64').length, 32);
  assert.equal(readFileSync(join(root, 'channel-keys'), 'utf8'), `${channelKeys}\n`);
  // As after a restored backup.
  chmodSync(join(root, 'channel-keys'), 0o644);
  assert.equal(openHome(root).channelKeys, channelKeys);
  assert.equal(modeOf(join(root, 'channel-keys')), '600');
  assert.deepEqual(
    readdirSync(root).filter((name) => /^channel-keys.|^api-token./.test(name)),
    [],
  );
  assert.notEqual(openHome(join(folder, 'other-keys')).channelKeys, channelKeys);
});
