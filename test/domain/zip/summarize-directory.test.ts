import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeDirectory } from '../../../domain/zip/summarize-directory.ts';

/** A directory of entries with an empty name: the offset and the compressed size of each. */
function directoryOf(entries: readonly (readonly [offset: number, compressed: number])[]): Buffer {
  const directory = Buffer.alloc(entries.length * 46);
  for (const [index, [offset, compressed]] of entries.entries()) {
    directory.writeUInt32LE(0x02014b50, index * 46);
    directory.writeUInt32LE(compressed, index * 46 + 20);
    directory.writeUInt32LE(offset, index * 46 + 42);
  }
  return directory;
}
const options = { shift: 0, directoryStart: 1_000, maxEntries: 10 };

test('finds the first entry and the ranges behind entries, in the order of the data', () => {
  const directory = directoryOf([
    [400, 70],
    [0, 10],
    [200, 20],
  ]);
  assert.deepEqual(summarizeDirectory(directory, options), {
    entries: 3,
    first: 0,
    gaps: [
      { headerAt: 400, compressed: 70, end: 1_000 },
      { headerAt: 0, compressed: 10, end: 200 },
      { headerAt: 200, compressed: 20, end: 400 },
    ],
  });
});

test('adds the shift to every offset', () => {
  const { first, gaps } = summarizeDirectory(directoryOf([[0, 0]]), { ...options, shift: 5 });
  assert.deepEqual([first, gaps], [5, [{ headerAt: 5, compressed: 0, end: 1_000 }]]);
});

test('a range is a gap from the size of the smallest archive on', () => {
  const gapsBefore = (directoryStart: number) =>
    summarizeDirectory(directoryOf([[0, 0]]), { ...options, directoryStart }).gaps.length;
  // A local header has 30 bytes. The smallest archive with an entry has 100.
  assert.deepEqual([gapsBefore(129), gapsBefore(130), gapsBefore(131)], [0, 1, 1]);
});

test('returns the 1,000 largest gaps', () => {
  const entries = Array.from(
    { length: 1_001 },
    (_, index) => [index * 1_000, index === 5 ? 800 : 0] as const,
  );
  const { gaps } = summarizeDirectory(directoryOf(entries), {
    ...{ shift: 0, directoryStart: 1_001_000, maxEntries: 2_000 },
  });
  assert.equal(gaps.length, 1_000);
  assert.ok(!gaps.some(({ headerAt }) => headerAt === 5_000));
});

test('an archive may have as many entries as the limit, but not more', () => {
  const entries = (count: number) =>
    directoryOf(Array.from({ length: count }, (_, index) => [index * 30, 0] as const));
  assert.equal(summarizeDirectory(entries(9), options).entries, 9);
  assert.equal(summarizeDirectory(entries(10), options).entries, 10);
  assert.throws(() => summarizeDirectory(entries(11), options), {
    ...{ type: 'LimitExceeded', why: 'it has more than 10 entries' },
  });
});

test('rejects a directory with other data', () => {
  const directory = directoryOf([[0, 0]]);
  assert.throws(() => summarizeDirectory(directory.subarray(0, 45), options), { type: 'CorruptArchive' });
});
