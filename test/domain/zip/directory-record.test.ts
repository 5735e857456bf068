import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { CorruptDirectory, readDirectory } from '../../../domain/zip/directory-record.ts';
import { LOCAL_HEADER_MAX_BYTES, localHeaderLength } from '../../../domain/zip/local-header.ts';
import { directoryOf, recordsOf, zip64Extra } from './directory-of.ts';

const WIDE = 0xffffffff;

test('reads all fields of a record', () => {
  const [first, second] = recordsOf([
    { name: 'a', content: 'first', method: 0 },
    { name: '中', content: 'second'.repeat(100), mode: 0o120777 },
  ]);
  assert.deepEqual(
    { ...first, name: first?.name.toString() },
    {
      ...{ at: 0, length: 47, host: 3, flags: 0x800, method: 0, crc32: crc32('first') },
      ...{
        compressedSize: 5,
        size: 5,
        mode: 0o100644,
        directoryBit: false,
        localOffset: 0,
        name: 'a',
        extra: [],
      },
    },
  );
  assert.equal(second?.at, 47);
  assert.equal(second?.length, 46 + 3);
  assert.equal(second?.size, 600);
  assert.equal(second?.compressedSize, deflateRawSync('second'.repeat(100)).length);
  assert.equal(second?.mode, 0o120777);
  assert.equal(second?.localOffset, 30 + 1 + 5);
});

test('reads the file mode only of entries that were made on Unix', () => {
  const modes = [0, 3, 10, 19].map((host) => recordsOf([{ name: 'a', host, mode: 0o120777 }])[0]?.mode);
  assert.deepEqual(modes, [0, 0o120777, 0, 0o120777]);
});

const wide: readonly (readonly [
  name: string,
  declared: { size?: number; compressedSize?: number; localOffset?: number },
  extra: Buffer,
  expected: { size: number; compressedSize: number; localOffset: number },
])[] = [
  [
    'all three fields',
    { size: WIDE, compressedSize: WIDE, localOffset: WIDE },
    zip64Extra(5_000_000_000n, 4_999_999_999n, 4_294_967_296n),
    { size: 5_000_000_000, compressedSize: 4_999_999_999, localOffset: 4_294_967_296 },
  ],
  [
    'only the offset',
    { size: 7, compressedSize: 9, localOffset: WIDE },
    zip64Extra(6_000_000_000n),
    { size: 7, compressedSize: 9, localOffset: 6_000_000_000 },
  ],
  [
    'no field, although the extra field exists',
    { size: 7, compressedSize: 9, localOffset: 1 },
    zip64Extra(1n, 2n, 3n),
    { size: 7, compressedSize: 9, localOffset: 1 },
  ],
];

for (const [name, declared, extra, expected] of wide) {
  test(`uses ZIP64 values only for fields with the value 0xffffffff: ${name}`, () => {
    const [record] = recordsOf([{ name: 'a', content: 'x', declared, extra }]);
    const { size, compressedSize, localOffset } = record ?? {};
    assert.deepEqual({ size, compressedSize, localOffset }, expected);
  });
}

test('keeps an entry with a malformed extra field', () => {
  const records = recordsOf([{ name: 'a', extra: Buffer.from([1, 0, 99, 0, 1]) }, { name: 'b' }]);
  assert.deepEqual(
    records.map(({ name }) => name.toString()),
    ['a', 'b'],
  );
});

test('finds all 70,000 entries of a directory whose count says 4,464', () => {
  const { zip, end, directory } = directoryOf(
    Array.from({ length: 70_000 }, (_, at) => ({ name: `f${at}`, method: 0 })),
  );
  assert.equal(zip.readUInt16LE(end + 10), 70_000 % 65_536);
  let last = '';
  let count = 0;
  for (const { name } of readDirectory(directory)) {
    count++;
    last = name.toString();
  }
  assert.equal(count, 70_000);
  assert.equal(last, 'f69999');
});

test('ends the directory at a digital signature (APPNOTE 4.3.13)', () => {
  const signature = Buffer.from([0x50, 0x4b, 5, 5, 2, 0, 1, 2]);
  const directory = Buffer.concat([directoryOf([{ name: 'a' }]).directory, signature]);
  assert.equal([...readDirectory(directory)].length, 1);
});

const two = directoryOf([{ name: 'a' }, { name: 'b' }]).directory;
const damaged: readonly (readonly [name: string, directory: Buffer, at: number])[] = [
  ['it ends within an entry', two.subarray(0, 47 + 20), 47],
  ['it ends within a name', two.subarray(0, 47 + 46), 47],
  ['there are other bytes between entries', Buffer.concat([two.subarray(0, 47), two.subarray(46)]), 47],
  ['it does not start with an entry', Buffer.alloc(60), 0],
];

for (const [name, directory, at] of damaged) {
  test(`reports a damaged directory if ${name}`, () => {
    assert.throws(
      () => [...readDirectory(directory)],
      (error) => error instanceof CorruptDirectory && error.message.includes(`byte ${at}`),
    );
  });
}

test('computes the length of a local header from its own name and extra field', () => {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(0x04034b50, 3);
  header.writeUInt16LE(4, 3 + 26);
  header.writeUInt16LE(9, 3 + 28);
  assert.equal(localHeaderLength(header, 3), 30 + 4 + 9);
  assert.equal(localHeaderLength(header, 4), undefined, 'no signature');
  assert.equal(localHeaderLength(header.subarray(0, 32), 3), undefined, 'truncated');
  assert.equal(LOCAL_HEADER_MAX_BYTES, 30 + 65_535 + 65_535);
});
