import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { directoryCandidates } from '../../../domain/zip/directory-end.ts';
import type { FoundDirectory } from '../../../domain/zip/find-directory.ts';
import { type ZipEntry, type ZipOptions, zipOf } from '../../support/zip-writer.ts';
import { asZip64 } from './as-zip64.ts';
import { directoryOf } from './directory-of.ts';
import { find, rejects } from './find-in-memory.ts';

const entries = [
  { name: 'a.txt', content: 'hello' },
  { name: 'b.txt', content: 'world' },
];

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
    'bytes in front of it that its offsets already count',
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
  test(`finds the directory of an archive with ${name}`, async () => {
    const { start: at, length: bytes, shift } = await find(zip);
    assert.deepEqual({ start: at, length: bytes, shift }, expected);
  });
}

const stored = (name: string, content: Buffer | string): ZipEntry => ({ name, content, method: 0 });
const big = stored('big', Buffer.alloc(3_000, 'x'));
const inner = zipOf([stored('inner.txt', 'inner')]);
const outer = zipOf([stored('inner.zip', inner), big]);
const empty = zipOf([]);

/** An archive of 512-byte blocks, as tar writes it: a header with its checksum, data, and zeros. */
function tarOf(content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write('inner.zip', 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.fill(32, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(1_024 - (content.length % 512))]);
}

const zeroSize = Buffer.from(plain.zip);
zeroSize.writeUInt32LE(0, plain.end + 12);
const zeroCount = Buffer.from(plain.zip);
zeroCount.writeUInt32LE(0, plain.end + 8);
const hidden = Buffer.concat([
  outer.subarray(0, outer.length - 22),
  inner,
  outer.subarray(outer.length - 22),
]);

const read: readonly (readonly [name: string, zip: Buffer, entries: number])[] = [
  ['an archive in its comment', zipOf(entries, { comment: inner }), 2],
  ['an empty archive in its comment', zipOf(entries, { comment: empty }), 2],
  ['a count of 0', zeroCount, 2],
  ['an archive as an entry', outer, 2],
  ['an archive as its last entry', zipOf([big, stored('inner.zip', inner)]), 2],
  ['a shell script in front', zipOf(entries, { prefix: Buffer.from('#!/bin/sh\nexec unzip "$0"\n') }), 2],
  [
    'signatures in the program in front',
    zipOf(entries, { prefix: Buffer.from('MZ PK\x03\x04 PK\x05\x06') }),
    2,
  ],
  ['zeros behind it, more than the longest comment', zipOf(entries, { trailing: Buffer.alloc(200_000) }), 2],
  ['a comment that is cut off', zipOf(entries, { comment: Buffer.from('a comment') }).subarray(0, -4), 2],
];

for (const [name, zip, count] of read) {
  test(`reads an archive with ${name}`, async () => {
    const { directory } = await find(zip);
    assert.equal(directory.toString('latin1').split('PK\x01\x02').length - 1, count);
  });
}

test('reports bytes in front of the first entry as unused', async () => {
  const { unused } = await find(zipOf(entries, { prefix: Buffer.from('#!/bin/sh\n') }));
  assert.deepEqual(unused, [{ start: 0, end: 10 }]);
});

test('an archive without entries has no unused bytes, and its sizes are not modulo 2^32', async () => {
  const { directory, unused, wrapped } = await find(empty);
  assert.deepEqual({ bytes: directory.length, unused, wrapped }, { bytes: 0, unused: [], wrapped: false });
});

/** Returns an archive with an empty entry and another entry. `gap` is between the entries, as unused bytes. */
function withGap(gap: Buffer): Buffer {
  const { zip, start, end } = directoryOf([stored('a', gap), stored('b', 'b')]);
  const second = zip.indexOf('PK\x01\x02', start + 1, 'latin1');
  const first = zipOf([stored('a', '')]).subarray(0, 31);
  const shifted = Buffer.from(zip.subarray(second, end));
  const directory = Buffer.concat([zipOf([stored('a', '')]).subarray(31, 31 + 47), shifted]);
  const endRecord = Buffer.from(zip.subarray(end));
  endRecord.writeUInt32LE(directory.length, 12);
  return Buffer.concat([first, zip.subarray(31, start), directory, endRecord]);
}

test('reports bytes between entries as unused, but rejects an archive between entries', async () => {
  const { unused } = await find(withGap(Buffer.alloc(500, 'x')));
  assert.deepEqual(unused, [{ start: 31, end: 531 }]);
  assert.deepEqual((await find(withGap(Buffer.alloc(99, 'x')))).unused, []);
  await rejects(withGap(inner), 'CorruptArchive', /another archive lies between its entries, at byte \d+/);
});

test('accepts the data of deleted entries between entries', async () => {
  const { unused } = await find(withGap(zipOf([big]).subarray(0, 2_000)));
  assert.deepEqual(unused, [{ start: 31, end: 2_031 }]);
});

const rejected: readonly (readonly [name: string, zip: Buffer, type: string, why: string | RegExp])[] = [
  ['no bytes', Buffer.alloc(0), 'NotAZip', 'it is empty (0 bytes)'],
  [
    'a text',
    Buffer.from('this is not an archive'),
    'NotAZip',
    'it is not a zip archive: it has no end record',
  ],
  ['only zeros', Buffer.alloc(300_000), 'NotAZip', 'it is not a zip archive: it has no end record'],
  [
    'an archive without its end record',
    plain.zip.subarray(0, plain.end),
    'NotAZip',
    `it is cut off at byte ${plain.end}: its central directory is missing`,
  ],
  [
    'an archive with half an end record',
    plain.zip.subarray(0, plain.end + 21),
    'NotAZip',
    `it is cut off at byte ${plain.end + 21}: its central directory is missing`,
  ],
  [
    'an archive that is cut off after an archive inside it',
    outer.subarray(0, 1_000),
    'NotAZip',
    'it is cut off at byte 1000: its central directory is missing',
  ],
  [
    'an archive that is cut off at the end of an archive inside it',
    outer.subarray(0, outer.indexOf('PK\x05\x06') + 22),
    'NotAZip',
    /cut off at byte/,
  ],
  ['an archive without its start', plain.zip.subarray(5), 'CorruptArchive', /damaged or incomplete/],
  [
    'an archive without its first entry',
    plain.zip.subarray(plain.zip.indexOf('PK\x03\x04', 1)),
    'CorruptArchive',
    /damaged or incomplete/,
  ],
  [
    'two joined archives',
    Buffer.concat([plain.zip, inner]),
    'CorruptArchive',
    `another archive lies in front of it, in bytes 0 to ${plain.zip.length}; upload each archive as its own object`,
  ],
  [
    'an archive and the start of another',
    Buffer.concat([plain.zip, zipOf([big]).subarray(0, 500)]),
    'CorruptArchive',
    `another archive follows it, at byte ${plain.zip.length}; upload each archive as its own object`,
  ],
  [
    'an archive behind the start of another',
    Buffer.concat([outer.subarray(0, 500), plain.zip]),
    'NotAZip',
    /cut off/,
  ],
  ['an archive between the directory and the end record', hidden, 'CorruptArchive', /./],
  [
    'an empty archive behind other bytes',
    Buffer.concat([Buffer.from('hello'), empty]),
    'CorruptArchive',
    /no entries/,
  ],
  ['a directory size of 0', zeroSize, 'CorruptArchive', /no entries, but it has data/],
  ['a tar archive', tarOf(Buffer.from('x')), 'NotAZip', 'it is a tar archive, not a zip archive'],
  ['a tar archive with a zip archive', tarOf(inner), 'NotAZip', 'it is a tar archive, not a zip archive'],
  [
    'a tar archive with an empty zip archive',
    tarOf(empty),
    'NotAZip',
    'it is a tar archive, not a zip archive',
  ],
  ['a RAR archive', Buffer.from('Rar!\x1a\x07\x01\x00 data'), 'NotAZip', /a RAR archive/],
  [
    'a RAR archive with a zip archive',
    Buffer.concat([Buffer.from('Rar!\x1a\x07\0'), inner]),
    'NotAZip',
    /RAR/,
  ],
  ['a 7z archive', Buffer.from('377abcaf271c0004', 'hex'), 'NotAZip', /a 7z archive/],
  ['gzip data', Buffer.from('1f8b0800', 'hex'), 'NotAZip', 'it is gzip data, not a zip archive'],
  ['an encrypted Office document', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'NotAZip', /encrypted Office/],
  [
    'an HTML page',
    Buffer.from('\ufeff\n<!DOCTYPE html><title>404'),
    'NotAZip',
    'it is an HTML page, not a zip archive',
  ],
  ['an error message of a store', Buffer.from('<?xml version="1.0"?><Error/>'), 'NotAZip', /an XML document/],
];

for (const [name, zip, type, why] of rejected) {
  test(`rejects ${name}`, () => rejects(zip, type, why));
}

test('recognises a file of a split archive', async () => {
  const piece = Buffer.from(plain.zip);
  piece.writeUInt16LE(1, plain.end + 4);
  piece.writeUInt16LE(1, plain.end + 6);
  await rejects(piece, 'MultiDisk', 'it is one file of a split archive');
});

test('rejects a directory above the limit, and accepts a directory at the limit', async () => {
  const named = (bytes: number): Buffer => zipOf([{ name: 'n'.repeat(bytes - 46) }]);
  assert.equal((await find(named(10_000))).length, 10_000);
  await rejects(
    named(10_001),
    'LimitExceeded',
    'its central directory has 10001 bytes, but the limit is 10000',
  );
});

/** Archives that hold other archives, as they are and with options. */
const samples: readonly (readonly [entries: readonly ZipEntry[], options?: ZipOptions])[] = [
  [[stored('a.zip', inner), stored('b.zip', outer), big]],
  [[big, stored('a.zip', inner)], { comment: Buffer.from('a comment') }],
  [entries],
];

test('if an archive is cut at any byte, no piece of it is read as another archive', async () => {
  for (const [sample, options] of samples) {
    const zip = zipOf(sample, options);
    const { start: whole } = await find(zip);
    for (let at = 0; at < zip.length; at += at < 400 || at > zip.length - 400 ? 1 : 37) {
      for (const piece of [zip.subarray(0, at), zip.subarray(at + 1)]) {
        const result = await find(piece).catch((error: unknown) => error);
        if (result instanceof InvalidInput) continue;
        // Only a comment may be cut without a loss.
        assert.equal((result as FoundDirectory).start, whole, `cut at byte ${at}: ${String(result)}`);
      }
    }
  }
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

test('finds a ZIP64 record with 4,096 further bytes in front of the longest comment', async () => {
  const zip = asZip64(zipOf([{ name: 'large', content: Buffer.alloc(100_000, 'x'), method: 0 }]));
  const end = zip.length - 22;
  const record = end - 20 - 56;
  zip.writeBigUInt64LE(44n + 4_096n, record + 4);
  zip.writeUInt16LE(65_535, end + 20);
  const file = Buffer.concat([
    zip.subarray(0, record + 56),
    Buffer.alloc(4_096, 'r'),
    zip.subarray(record + 56),
    Buffer.alloc(65_535, 'comment'),
  ]);
  const { directory } = await find(file);
  assert.equal(directory.toString('latin1', 46, 51), 'large');
});
