import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DirectoryCandidate,
  directoryCandidates,
  TAIL_BYTES,
} from '../../../domain/zip/directory-end.ts';
import { zipOf } from '../../support/zip-writer.ts';
import { directoryOf } from './directory-of.ts';

const SIGNATURE = 0x02014b50;
const entries = [
  { name: 'a.txt', content: 'hello' },
  { name: 'b.txt', content: 'world' },
];

/** The first candidate at whose offset a directory starts. */
function findDirectory(zip: Buffer): DirectoryCandidate | undefined {
  const at = Math.max(0, zip.length - TAIL_BYTES);
  for (const candidate of directoryCandidates({ at, bytes: zip.subarray(at) })) {
    if (candidate.length === 0) return candidate;
    if (candidate.start + 4 <= zip.length && zip.readUInt32LE(candidate.start) === SIGNATURE)
      return candidate;
  }
  return undefined;
}

/** The same archive with ZIP64 records and a saturated end record (APPNOTE 4.3.14, 4.3.15). */
function asZip64(zip: Buffer, prefix = Buffer.alloc(0)): Buffer {
  const end = zip.length - 22;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(zip.readUInt16LE(end + 10)), 24);
  record.writeBigUInt64LE(BigInt(zip.readUInt16LE(end + 10)), 32);
  record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 12)), 40);
  record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end), 8);
  locator.writeUInt32LE(1, 16);
  const old = Buffer.from(zip.subarray(end));
  old.fill(0xff, 8, 20);
  return Buffer.concat([prefix, zip.subarray(0, end), record, locator, old]);
}

const plain = directoryOf(entries);
const { length, start } = plain;

/** An end record with wrong values, inside the comment. */
const fakeEnd = Buffer.alloc(22, 0x41);
fakeEnd.writeUInt32LE(0x06054b50, 0);

const adjusted = zipOf([{ name: 'a', content: 'x', declared: { localOffset: 100 } }]);
const adjustedStart = adjusted.readUInt32LE(adjusted.length - 6);
adjusted.writeUInt32LE(adjustedStart + 100, adjusted.length - 6);

const magic = directoryOf([{ name: `PK\u0006\u0007${'x'.repeat(16)}`, content: 'x' }]);

const found: readonly (readonly [
  name: string,
  zip: Buffer,
  candidate: { start: number; length: number; shift: number },
])[] = [
  ['a plain archive', plain.zip, { start, length, shift: 0 }],
  ['a comment', zipOf(entries, { comment: Buffer.from('hello') }), { start, length, shift: 0 }],
  ['the longest comment', zipOf(entries, { comment: Buffer.alloc(65_535, 32) }), { start, length, shift: 0 }],
  ['an end record in the comment', zipOf(entries, { comment: fakeEnd }), { start, length, shift: 0 }],
  ['bytes after it', zipOf(entries, { trailing: Buffer.alloc(3_000, 1) }), { start, length, shift: 0 }],
  [
    'bytes in front of it',
    zipOf(entries, { prefix: Buffer.alloc(1_000, 7) }),
    { start: start + 1_000, length, shift: 1_000 },
  ],
  [
    'bytes in front of it that its offsets include',
    Buffer.concat([Buffer.alloc(100), adjusted]),
    { start: adjustedStart + 100, length: 47, shift: 0 },
  ],
  ['ZIP64 records', asZip64(plain.zip), { start, length, shift: 0 }],
  [
    'ZIP64 records and bytes in front',
    asZip64(plain.zip, Buffer.alloc(500)),
    { start: start + 500, length, shift: 500 },
  ],
  [
    'a name that looks like a ZIP64 locator',
    magic.zip,
    { start: magic.start, length: magic.length, shift: 0 },
  ],
  ['no entry at all', zipOf([]), { start: 0, length: 0, shift: 0 }],
];

for (const [name, zip, expected] of found) {
  test(`finds the directory of an archive with ${name}`, () => {
    assert.deepEqual(findDirectory(zip), { ...expected, multiDisk: false });
  });
}

for (const [name, bytes] of [
  ['no bytes', Buffer.alloc(0)],
  ['a text', Buffer.from('this is not an archive')],
  ['an archive without its end record', plain.zip.subarray(0, plain.end)],
  ['an archive with half an end record', plain.zip.subarray(0, plain.end + 21)],
] as const) {
  test(`finds no directory in ${name}`, () => assert.equal(findDirectory(bytes), undefined));
}

test('recognises a file of a split archive', () => {
  const piece = Buffer.from(plain.zip);
  piece.writeUInt16LE(1, plain.end + 4);
  piece.writeUInt16LE(1, plain.end + 6);
  assert.equal(findDirectory(piece)?.multiDisk, true);
});

test('never yields a candidate outside the file, whatever the end record contains', () => {
  for (const [size, offset] of [
    [0xfffffffe, 0],
    [1, 0xfffffffe],
    [0xfffffffe, 0xfffffffe],
  ] as const) {
    const lying = Buffer.from(plain.zip);
    lying.writeUInt32LE(size, plain.end + 12);
    lying.writeUInt32LE(offset, plain.end + 16);
    for (const candidate of directoryCandidates({ at: 0, bytes: lying })) {
      assert.ok(
        candidate.start >= 0 && candidate.shift >= 0 && candidate.start + candidate.length <= lying.length,
      );
    }
  }
});
