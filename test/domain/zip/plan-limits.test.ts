import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { defaultLimits, type UnzipLimits } from '../../../domain/unzip/limits.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { directoryOf } from './directory-of.ts';
import { planOf } from './plan-of.ts';

/** The failure type of an archive, or undefined if the plan accepts it. */
function failureOf(entries: readonly ZipEntry[], limits: Partial<UnzipLimits> = {}): string | undefined {
  try {
    planOf(entries, { limits });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof InvalidInput, String(error));
    return error.type;
  }
}

const files = (count: number, content = ''): ZipEntry[] =>
  Array.from({ length: count }, (_, at) => ({ name: `f${at}`, content }));

/** Stored data of an archive with one file of 100 bytes: a local header with a name of one byte, and the file. */
const DATA_BYTES = 30 + 1 + 100;

/** A deflated file that declares this size. */
const declaring = (size: number, name = 'x'): ZipEntry => ({
  name,
  content: 'x'.repeat(100),
  declared: { size },
});

const compressedBytes = (entry: ZipEntry): number => directoryOf([entry]).start;

interface Limit {
  readonly limit: string;
  /** The value at the limit. */
  readonly at: number;
  readonly entries: (value: number) => readonly ZipEntry[];
  readonly limits?: Partial<UnzipLimits>;
}

const limits: readonly Limit[] = [
  { limit: 'entries', at: 3, entries: (count) => files(count), limits: { entries: 3 } },
  {
    limit: 'bytes of all files',
    at: 205,
    entries: (total) => [...files(2, 'x'.repeat(100)), { name: 'rest', content: 'x'.repeat(total - 200) }],
    limits: { totalBytes: 205 },
  },
  {
    limit: 'bytes of one file',
    at: 100,
    entries: (size) => [declaring(size)],
    limits: { entryBytes: 100 },
  },
  {
    limit: 'nested folders',
    at: defaultLimits.depth,
    entries: (depth) => [{ name: `${'d/'.repeat(depth)}x` }],
  },
  {
    limit: 'uncompressed bytes and a too high compression ratio',
    at: 5_000,
    entries: (size) => [declaring(size)],
    limits: { ratio: 1, ratioFromBytes: 5_000 },
  },
  {
    limit: 'uncompressed bytes and a maximum compression ratio of 3',
    at: compressedBytes(declaring(0)) * 3,
    entries: (size) => [declaring(size)],
    limits: { ratio: 3, ratioFromBytes: 0 },
  },
];
for (const { limit, at, entries, limits: changed } of limits) {
  for (const [value, expected] of [
    [at - 1, undefined],
    [at, undefined],
    [at + 1, 'LimitExceeded'],
  ] as const) {
    test(`an archive with ${value} ${limit} is ${expected === undefined ? 'planned' : 'rejected'} (limit ${at})`, () => {
      assert.equal(failureOf(entries(value), changed), expected);
    });
  }
}

for (const [bytes, expected] of [
  [1_022, undefined],
  [1_023, undefined],
  [1_024, 'NameTooLong'],
] as const) {
  test(`a file whose key has ${bytes} bytes is ${expected === undefined ? 'planned' : 'rejected'}`, () => {
    const name = 'x'.repeat(bytes - 'unzip/a/'.length);
    assert.equal(failureOf([{ name }]), expected);
  });
}

for (let overlap = 0; overlap <= 30; overlap++) {
  test(`two files that share ${overlap} bytes are ${overlap === 0 ? 'planned' : 'rejected'}`, () => {
    const first: ZipEntry = { name: 'a', content: 'x'.repeat(100), method: 0 };
    const second: ZipEntry = { name: 'b', content: '', method: 0 };
    const moved = { ...second, declared: { localOffset: DATA_BYTES - 1 - overlap } };
    // The name of the first local header is not counted, because it may be shorter than in the directory.
    assert.equal(failureOf([first, moved]), overlap === 0 ? undefined : 'OverlappingEntries');
  });
}

for (const [beyond, expected] of [
  [0, undefined],
  [1, 'CorruptArchive'],
] as const) {
  test(`a file whose data ends ${beyond} bytes behind the data of the archive is ${expected ?? 'planned'}`, () => {
    const stored: ZipEntry = { name: 'a', content: 'x'.repeat(100), method: 0 };
    const compressedSize = 101 + beyond;
    assert.equal(failureOf([{ ...stored, declared: { compressedSize, size: compressedSize } }]), expected);
  });
}

test('a failure names 20 entries, and the number of the others', () => {
  const bad = (count: number): ZipEntry[] =>
    Array.from({ length: count }, (_, at) => ({ name: `../${String(at).padStart(2, '0')}` }));
  const messageFor = (count: number): string => {
    try {
      planOf(bad(count));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(messageFor(20), /20 entries: each would leave unzip\/a\/: .*"\.\.\/19"$/);
  assert.match(messageFor(21), /20 entries: each would leave unzip\/a\/: .*"\.\.\/19"; and 1 more$/);
});

test('a manifest lists the first 1,000 skipped entries, and counts all of them', () => {
  const links = (count: number): ZipEntry[] =>
    Array.from({ length: count }, (_, at) => ({ name: `l${at}`, content: 'x', mode: 0o120777 }));
  for (const count of [999, 1_000, 1_001]) {
    const { skipped, skippedCount } = planOf(links(count));
    assert.deepEqual([skipped.length, skippedCount], [Math.min(count, 1_000), count]);
  }
});

test('if an archive exceeds a limit and its entries overlap, the limit is reported', () => {
  const overlapping: ZipEntry[] = [
    { name: 'a', content: 'x'.repeat(100), method: 0 },
    { name: 'b', content: 'x'.repeat(100), method: 0, declared: { localOffset: 10 } },
  ];
  const overlap = failureOf(overlapping);
  const limit = failureOf(files(2, 'x'.repeat(100)), { totalBytes: 150 });
  assert.notEqual(overlap, limit);
  assert.equal(failureOf(overlapping, { totalBytes: 150 }), limit);
});

test('the list of skipped entries ends when it has 1 MiB, and all entries are counted', () => {
  const prefix = '__MACOSX/'.padEnd(60_000, 'x');
  const entries = Array.from({ length: 100 }, (_, at) => ({ name: `${prefix}${at}` }));
  const { skipped, skippedCount } = planOf(entries);
  assert.equal(skippedCount, 100);
  assert.deepEqual(
    skipped.map(({ name }) => name),
    entries.slice(0, 18).map(({ name }) => name),
  );
});
