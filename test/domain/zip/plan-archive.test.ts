import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../../../domain/unzip/limits.ts';
import { readDirectory } from '../../../domain/zip/directory-record.ts';
import { planOf } from './plan-of.ts';

test('counts files and bytes, and covers them with parts', () => {
  const plan = planOf([
    { name: 'dir/' },
    { name: 'dir/one', content: 'x'.repeat(1_000) },
    { name: 'two', content: 'y'.repeat(500), method: 0 },
  ]);
  assert.equal(plan.files, 2);
  assert.equal(plan.bytes, 1_500);
  assert.deepEqual(plan.skipped, []);
  assert.equal(
    plan.parts.reduce((sum, part) => sum + part.files, 0),
    2,
  );
});

const empty: readonly (readonly [name: string, names: readonly string[]])[] = [
  ['no entries', []],
  ['directories only', ['a/', 'a/b/']],
  ['only its own top-level directory', ['a/']],
];

for (const [name, names] of empty) {
  test(`plans no files and no parts for an archive with ${name}`, () => {
    const plan = planOf(names.map((entry) => ({ name: entry })));
    assert.deepEqual([plan.files, plan.bytes, plan.parts.length], [0, 0, 0]);
  });
}

test('keeps the last of several entries with one name, and reports the others', () => {
  const plan = planOf([
    { name: 'same', content: 'first', method: 0 },
    { name: 'other', content: 'other' },
    { name: './same', content: 'the last', method: 0 },
  ]);
  assert.deepEqual(plan.skipped, [{ name: 'same', reason: 'duplicate' }]);
  assert.equal(plan.files, 2);
  assert.equal(plan.bytes, 'other'.length + 'the last'.length);
  const kept = [...readDirectory(plan.sortedDirectory ?? Buffer.alloc(0))].map(({ name }) => name.toString());
  assert.deepEqual(kept, ['other', './same']);
});

test('reports skipped entries with their names in the archive', () => {
  const plan = planOf([
    { name: '.DS_Store', content: 'x' },
    { name: 'a/.DS_Store', content: 'x' },
    { name: 'a/./twice', content: '1' },
    { name: 'a/twice', content: '2' },
    { name: 'a//twice', content: '3' },
    { name: 'a//link', mode: 0o120777 },
    { name: 'a//folder/', content: 'x' },
  ]);
  assert.deepEqual(plan.skipped, [
    { name: '.DS_Store', reason: 'macOS metadata' },
    { name: 'a/.DS_Store', reason: 'macOS metadata' },
    { name: 'a/./twice', reason: 'duplicate' },
    { name: 'a/twice', reason: 'duplicate' },
    { name: 'a//link', reason: 'symlink' },
    { name: 'a//folder/', reason: 'folder with data' },
  ]);
});

test('of entries with one name, keeps the entry that is last in the central directory, not the entry whose data is last', () => {
  const plan = planOf(
    [
      { name: 'same', content: '1', method: 0 },
      { name: 'same', content: '22', method: 0 },
    ],
    { options: { order: () => [1, 0] } },
  );
  assert.equal(plan.bytes, 1);
  assert.equal(plan.skipped.length, 1);
});

test('keeps names that differ only in case, and a file next to a folder of the same name', () => {
  const plan = planOf([{ name: 'A' }, { name: 'a1' }, { name: 'a1/b' }, { name: 'A1' }]);
  assert.equal(plan.files, 4);
  assert.deepEqual(plan.skipped, []);
});

test('skips and reports a symbolic link, and never follows it', () => {
  const plan = planOf([
    { name: 'link', content: '/etc/passwd', mode: 0o120777 },
    { name: 'file', content: 'x' },
  ]);
  assert.equal(plan.files, 1);
  assert.deepEqual(plan.skipped, [{ name: 'link', reason: 'symlink' }]);
});

test('sorts the central directory by data offset', () => {
  const names = ['a', 'b', 'c', 'd'];
  const plan = planOf(
    names.map((name) => ({ name, content: name.repeat(50) })),
    { options: { order: () => [2, 0, 3, 1] } },
  );
  const kept = [...readDirectory(plan.sortedDirectory ?? Buffer.alloc(0))];
  assert.deepEqual(
    kept.map(({ name }) => name.toString()),
    names,
  );
  assert.equal(plan.parts.at(-1)?.directoryLength, plan.sortedDirectory?.length);
});

test('adds the bytes in front of the archive to every offset', () => {
  const [part] = planOf([{ name: 'x', content: 'x' }], { options: { prefix: Buffer.alloc(300) } }).parts;
  assert.equal(part?.dataStart, 300);
});

test('plans 70,000 entries as 70,000 files, in parts of at most 2,000', () => {
  const plan = planOf(
    Array.from({ length: 70_000 }, (_, at) => ({ name: `f${at}`, method: 0, content: 'x' })),
  );
  assert.equal(plan.files, 70_000);
  assert.equal(plan.bytes, 70_000);
  assert.ok(plan.parts.every(({ files }) => files <= 2_000));
  assert.equal(
    plan.parts.reduce((sum, { files }) => sum + files, 0),
    70_000,
  );
});

test('the default limits are the documented limits', () => {
  assert.deepEqual(defaultLimits, {
    entries: 2_000_000,
    directoryBytes: 256 * 2 ** 20,
    totalBytes: 2 ** 40,
    entryBytes: 100 * 2 ** 30,
    ratio: 200,
    ratioFromBytes: 10 * 2 ** 30,
    planningMib: 1_024,
    depth: 100,
  });
});

test('the directory is sorted only if its entries are not in the order of their data', () => {
  const entries = [
    { name: 'one', content: '1' },
    { name: 'two', content: '2' },
    { name: 'three', content: '3' },
  ];
  assert.equal(planOf(entries).sortedDirectory, undefined);
  const { sortedDirectory = Buffer.alloc(0) } = planOf(entries, { options: { order: () => [2, 0, 1] } });
  assert.deepEqual(
    [...readDirectory(sortedDirectory)].map(({ name }) => name.toString()),
    ['one', 'two', 'three'],
  );
});
