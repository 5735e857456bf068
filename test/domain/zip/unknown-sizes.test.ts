import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmeasuredPlanOf } from './plan-of.ts';

const MIB = 2 ** 20;
const DATA_END = 100 * MIB;

interface File {
  readonly name: string;
  readonly at: number;
  readonly compressed: number;
  readonly size: number;
  readonly mode?: number;
  readonly encrypted?: boolean;
}

/** A directory of deflated files. */
const directoryOf = (files: readonly File[]): Buffer =>
  Buffer.concat(
    files.map(({ name, at, compressed, size, mode = 0, encrypted = false }) => {
      const record = Buffer.alloc(46 + name.length);
      record.writeUInt32LE(0x02014b50, 0);
      record.writeUInt8(3, 5);
      record.writeUInt16LE(encrypted ? 1 : 0, 8);
      record.writeUInt16LE(8, 10);
      record.writeUInt32LE(compressed, 20);
      record.writeUInt32LE(size, 24);
      record.writeUInt16LE(name.length, 28);
      record.writeUInt16LE(mode, 40);
      record.writeUInt32LE(at, 42);
      record.write(name, 46);
      return record;
    }),
  );

const big = (name: string, at: number): File => ({ name, at, compressed: 5 * MIB, size: 0 });
const small = (name: string, at: number): File => ({ name, at, compressed: 100, size: 100 });

/** Returns the names of the files to measure, or the type of the failure. */
function outcomeOf(files: readonly File[]): readonly string[] | string {
  try {
    const directory = directoryOf(files);
    const planned = unmeasuredPlanOf(directory, DATA_END);
    if (!('filesOfUnknownSize' in planned)) return [];
    return planned.filesOfUnknownSize.map(({ recordAt, recordLength }) =>
      directory.toString('utf8', recordAt + 46, recordAt + recordLength),
    );
  } catch (error) {
    return (error as { type: string }).type;
  }
}

const SYMLINK = 0o120777;

const cases: readonly (readonly [
  what: string,
  files: readonly File[],
  outcome: readonly string[] | string,
])[] = [
  ['no file is large', [small('a', 0), small('b', 1_000)], []],
  ['two of three files are', [big('b', 6 * MIB), small('s', 12 * MIB), big('a', 0)], ['a', 'b']],
  ['two files share all bytes', [big('a', 0), big('b', 0)], 'OverlappingEntries'],
  ['two files share some bytes', [big('a', 0), big('b', 4 * MIB)], 'OverlappingEntries'],
  ['a small file lies inside a large one', [big('a', 0), small('s', MIB)], 'OverlappingEntries'],
  [
    'all files together have more bytes than the archive',
    Array.from({ length: 21 }, (_, at) => big(`${at}`, at * MIB)),
    'OverlappingEntries',
  ],
  ['a file ends behind the data', [big('a', 96 * MIB)], 'CorruptArchive'],
  [
    'a small file cannot be extracted',
    [big('a', 0), { ...small('b', 6 * MIB), encrypted: true }],
    'EncryptedEntry',
  ],
  ['a name leaves the destination', [big('../a', 0)], 'UnsafeName'],
  ['a large file is a symbolic link', [{ ...big('l', 0), mode: SYMLINK }, small('a', 6 * MIB)], []],
  ['a later file with the same name replaces a large one', [big('a', 0), small('a', 6 * MIB)], []],
  ['a large file replaces an earlier one', [big('a', 0), big('a', 6 * MIB)], ['a']],
];
for (const [what, files, outcome] of cases) {
  test(`which files are measured if ${what}: ${typeof outcome === 'string' ? outcome : `[${outcome}]`}`, () => {
    assert.deepEqual(outcomeOf(files), outcome);
  });
}

test('a plan that needs measured sizes says how many bytes the files may have', () => {
  const planned = unmeasuredPlanOf(directoryOf([big('a', 0)]), DATA_END);
  assert.ok('filesOfUnknownSize' in planned);
  assert.equal(planned.maxBytes, 200 * DATA_END);
  // Up to 10 GiB, the ratio is not limited.
  const shorter = unmeasuredPlanOf(directoryOf([big('a', 0)]), 10 * MIB);
  assert.equal('filesOfUnknownSize' in shorter && shorter.maxBytes, 10 * 2 ** 30);
});
