import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDirectory } from '../../../domain/zip/find-directory.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';
import { asZip64 } from './as-zip64.ts';
import { find, rejects } from './find-in-memory.ts';

const stored = (name: string, content: Buffer | string): ZipEntry => ({ name, content, method: 0 });
const first = zipOf([stored('a1', 'first one'), stored('a2', 'first two')]);
const second = zipOf([stored('b1', 'secnd one'), stored('b2', 'secnd two')]);
const inner = zipOf([stored('secret.txt', 'inner')]);
const IN_FRONT = /another archive lies in front of it/;
const CUT_OFF = /it is cut off at byte \d+: its central directory is missing/;

/** The names in the directory that is found. */
async function namesIn(zip: Buffer): Promise<string[]> {
  const { directory } = await find(zip);
  const names: string[] = [];
  for (let at = 0; at < directory.length; ) {
    const length = directory.readUInt16LE(at + 28);
    names.push(directory.toString('latin1', at + 46, at + 46 + length));
    at += 46 + length + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return names;
}

const joined: Readonly<Record<string, Buffer>> = {
  'with ZIP64 records, and end records that have the maximum in each field': Buffer.concat([
    asZip64(first),
    asZip64(second),
  ]),
  'with ZIP64 records beside ordinary end records': Buffer.concat(
    [first, second].map((zip) => asZip64(zip, undefined, false)),
  ),
  'of which only the first has ZIP64 records': Buffer.concat([asZip64(first, undefined, false), second]),
  'of which only the second has ZIP64 records': Buffer.concat([first, asZip64(second)]),
};
for (const [what, zip] of Object.entries(joined))
  test(`rejects two joined archives of the same size ${what}`, () =>
    rejects(zip, 'CorruptArchive', IN_FRONT));

test('reads an archive whose ZIP64 record repeats the values of the end record', async () => {
  assert.deepEqual(await namesIn(asZip64(first, undefined, false)), ['a1', 'a2']);
  assert.deepEqual(await namesIn(asZip64(first, Buffer.alloc(300), false)), ['a1', 'a2']);
});

test('reads an archive whose ZIP64 record declares a wrong length for itself', async () => {
  const zip = asZip64(first);
  zip.writeBigUInt64LE(56n, zip.length - 22 - 20 - 56 + 4);
  assert.deepEqual(await namesIn(zip), ['a1', 'a2']);
});

test('reads an archive without entries that has ZIP64 records', async () => {
  assert.deepEqual(await namesIn(asZip64(zipOf([]), undefined, false)), []);
});

test('rejects a whole archive between a directory with ZIP64 records and the end record', async () => {
  const zip = asZip64(first, undefined, false);
  const hidden = Buffer.concat([zip.subarray(0, -22), asZip64(second, undefined, false), zip.subarray(-22)]);
  await assert.rejects(find(hidden), { name: 'InvalidInput' });
});

test('rejects a ZIP64 record with other bytes between it and its locator', async () => {
  const zip = asZip64(first);
  const locator = zip.length - 42;
  await assert.rejects(
    find(Buffer.concat([zip.subarray(0, locator), Buffer.alloc(1), zip.subarray(locator)])),
  );
});

/** The archive with `bytes` as the last part of its directory. */
function withBytesInDirectory(zip: Buffer, bytes: Buffer): Buffer {
  const end = Buffer.from(zip.subarray(-22));
  end.writeUInt32LE(end.readUInt32LE(12) + bytes.length, 12);
  return Buffer.concat([zip.subarray(0, -22), bytes, end]);
}

const signature = Buffer.concat([Buffer.from('PK\x05\x05\x04\0', 'latin1'), Buffer.alloc(4, 's')]);

test('reads a directory with a digital signature at its end', async () => {
  const { directory } = await find(withBytesInDirectory(first, signature));
  assert.equal(directory.length, first.readUInt32LE(first.length - 10) + signature.length);
});

test('rejects a directory with a digital signature that does not end where the directory ends', async () => {
  const why = /a digital signature does not end where the directory ends/;
  for (const bytes of [signature.subarray(0, -1), Buffer.concat([signature, Buffer.alloc(1)])])
    await rejects(withBytesInDirectory(first, bytes), 'CorruptArchive', why);
  const overwritten = Buffer.from(first);
  overwritten.write('PK\x05\x05', overwritten.lastIndexOf('PK\x01\x02', undefined, 'latin1'), 'latin1');
  await rejects(overwritten, 'CorruptArchive', why);
});

const counts: readonly (readonly [declared: number, verdict: 'read' | 'rejected'])[] = [
  [0, 'read'],
  [1, 'read'],
  [2, 'read'],
  [3, 'rejected'],
  [65_534, 'rejected'],
  [65_535, 'read'],
];
for (const [declared, verdict] of counts)
  test(`an archive of two entries whose end record declares ${declared} is ${verdict}`, async () => {
    const zip = Buffer.from(first);
    zip.writeUInt16LE(declared, zip.length - 12);
    if (verdict === 'read') assert.deepEqual(await namesIn(zip), ['a1', 'a2']);
    else
      await rejects(
        zip,
        'CorruptArchive',
        `its end record declares ${declared} entries, but its central directory has only 2`,
      );
  });

/** An outer archive that is cut off behind an entry that is itself an archive. */
function cutBehindInner(change: (outer: Buffer) => void = () => {}, name = 'first.txt'): Buffer {
  const outer = zipOf([stored(name, 'outer'), stored('inner.zip', inner), stored('last', 'lost')]);
  change(outer);
  return outer.subarray(0, outer.indexOf(inner) + inner.length);
}

const cut: Readonly<Record<string, Buffer>> = {
  'one whose names are padded with NULs': cutBehindInner((outer) => {
    for (const at of [30, outer.indexOf('inner.zip')]) outer.fill(0, at + 3, at + 9);
  }),
  'one with an empty name': cutBehindInner(undefined, ''),
  'one that needs version 9.7 of the format': cutBehindInner((outer) => outer.writeUInt16LE(97, 4)),
  'one with an unknown method': cutBehindInner((outer) => outer.writeUInt16LE(77, 8)),
};
for (const [what, zip] of Object.entries(cut))
  test(`an archive is cut off behind an inner archive, and the inner archive is not read: the outer one is ${what}`, () =>
    rejects(zip, 'NotAZip', CUT_OFF));

/** A Windows program of 512 bytes of headers, a section with 100 bytes of code, and a section with `content`. */
function program(section: string, content: Buffer, format = 'PE\0\0'): Buffer {
  const head = Buffer.alloc(512);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x80, 0x3c);
  head.write(format, 0x80, 'latin1');
  head.writeUInt16LE(2, 0x86);
  const sections = [
    { name: '.text', bytes: 100, start: 512 },
    { name: section, bytes: content.length, start: 612 },
  ];
  for (const [row, { name, bytes, start }] of sections.entries()) {
    const at = 0x98 + row * 40;
    head.write(name, at, 'latin1');
    head.writeUInt32LE(bytes, at + 16);
    head.writeUInt32LE(start, at + 20);
  }
  return Buffer.concat([head, Buffer.alloc(100, 'code'), content]);
}

test('reads the archive in a section of a self-extractor, also if one of its entries is an archive', async () => {
  const outer = zipOf([stored('one', '1'), stored('inner.zip', inner)]);
  assert.deepEqual(await namesIn(program('_winzip_', outer)), ['one', 'inner.zip']);
});

for (const section of ['_winzip_', '.sfx'])
  test(`a self-extractor is cut off behind an inner archive, and the inner archive is not read: its section is ${section}`, () =>
    rejects(program(section, cutBehindInner()), 'NotAZip', CUT_OFF));

test('rejects an archive behind a self-extractor of WinZip', () =>
  rejects(Buffer.concat([program('_winzip_', first), second]), 'CorruptArchive', IN_FRONT));

test('reads an archive behind a program that has another archive as a resource', async () => {
  assert.deepEqual(await namesIn(Buffer.concat([program('.rsrc', first), second])), ['b1', 'b2']);
});

test('rejects an archive behind a DOS program that has another archive in its data', () =>
  rejects(Buffer.concat([program('.rsrc', first, 'NE\0\0'), second]), 'CorruptArchive', IN_FRONT));

const tar = Buffer.alloc(512);
tar.write('inner.zip', 0);
tar.write('        ', 148);
tar.write('ustar', 257);
tar.write(
  `${tar
    .reduce((sum, byte) => sum + byte, 0)
    .toString(8)
    .padStart(6, '0')}\0 `,
  148,
);
const stubs: Readonly<Record<string, Buffer>> = {
  'a script': Buffer.from('#!/bin/sh\nexit 0\n'.padEnd(700)),
  'a Windows program': program('.text', Buffer.alloc(300)),
};
const containers: Readonly<Record<string, Buffer>> = {
  'a tar archive': tar,
  'a RAR archive': Buffer.from('526172211a0701000000', 'hex'),
  'a 7z archive': Buffer.from('377abcaf271c00040000', 'hex'),
  'xz data': Buffer.from('fd377a585a0000040000', 'hex'),
};
for (const [stub, program] of Object.entries(stubs))
  for (const [container, start] of Object.entries(containers))
    test(`an archive inside ${container} behind ${stub} is not read`, () =>
      rejects(
        Buffer.concat([program, start, inner]),
        'CorruptArchive',
        `${container} lies in front of it, at byte ${program.length}`,
      ));

const constants: Readonly<Record<string, Buffer>> = {
  'the magic of gzip': Buffer.from('1f8b0800', 'hex'),
  'a local header with a NUL inside its name': Buffer.from(first.subarray(0, 30)).fill(4, 26, 27),
};
for (const [what, bytes] of Object.entries(constants))
  test(`reads an archive behind a script that contains ${what}`, async () => {
    const script = Buffer.concat([stubs['a script'] ?? tar, bytes, Buffer.from('a\0bc')]);
    assert.deepEqual(await namesIn(Buffer.concat([script, first])), ['a1', 'a2']);
  });

test('reads a script in front of an archive', async () => {
  assert.deepEqual(await namesIn(Buffer.concat([stubs['a script'] ?? tar, first])), ['a1', 'a2']);
});

/** Returns 2,000 bytes that have the given bytes, in hex, at the given offsets. */
function head(...parts: readonly (readonly [at: number, hex: string])[]): Buffer {
  const bytes = Buffer.alloc(2_000, 1);
  for (const [at, hex] of parts) bytes.write(hex, at, 'hex');
  return bytes;
}

const tarWithSignedSum = Buffer.alloc(512);
tarWithSignedSum.write('ätsch', 0, 'latin1');
tarWithSignedSum.write('        ', 148);
const signedSum = tarWithSignedSum.reduce((sum, byte) => sum + (byte < 128 ? byte : byte - 256), 0);
tarWithSignedSum.write(`${signedSum.toString(8).padStart(6, '0')}\0 `, 148);

const containersAtStart: readonly (readonly [what: string, bytes: Buffer, name: string])[] = [
  ['a binary cpio archive', head([0, 'c771'], [20, '0200'], [26, '6100']), 'a cpio archive'],
  [
    'a binary cpio archive of another machine',
    head([0, '71c7'], [20, '0003'], [26, '616200']),
    'a cpio archive',
  ],
  ['a tar archive with a checksum of signed bytes', tarWithSignedSum, 'a tar archive'],
  ['zlib data in stored blocks', head([0, '7801000100feff']), 'zlib data'],
  ['a floppy disk', head([0, 'eb3c90'], [510, '55aa']), 'a disk image'],
  ['a partition that starts with a long jump', head([0, 'e9'], [510, '55aa']), 'a disk image'],
  [
    'a disk with a partition table',
    head([446, '80010100830fffff'.padEnd(128, '0')], [510, '55aa']),
    'a disk image',
  ],
  ['a SquashFS image', head([0, '68737173']), 'a SquashFS image'],
  ['a virtual disk', head([0, '514649fb']), 'a QCOW disk image'],
  ['a Linux file system', head([0x438, '53ef']), 'an ext file system image'],
  ['a macOS disk', head([0x400, '482b0004']), 'an HFS+ disk image'],
  [
    'a form with a photo',
    Buffer.from('--boundary\r\nContent-Disposition: form-data; name="photo"\r\n\r\n…\r\n'),
    'the body of a form or message with several parts',
  ],
];
for (const [what, bytes, name] of containersAtStart)
  test(`an archive inside ${what} is not read`, () =>
    rejects(Buffer.concat([bytes, inner]), 'NotAZip', `it is ${name}, not a zip archive`));

const harmless: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['of a cpio archive, but a name without end', head([0, 'c771'], [20, '0300'], [26, '6161'])],
  ['of zlib data, but other sizes', head([0, '7801000100feee'])],
  ['of a stored block, but no zlib header', head([0, '0000010100feff'])],
  ['of a disk, but no boot code', head([510, '55aa'])],
  ['of a tar archive, but another checksum', head([257, '7573746172'])],
];
for (const [what, bytes] of harmless)
  test(`reads an archive behind bytes with the magic ${what}`, async () => {
    assert.deepEqual(await namesIn(Buffer.concat([bytes, first])), ['a1', 'a2']);
  });

test('a PDF document with an attached archive is not read as this archive', () =>
  rejects(
    Buffer.concat([Buffer.from('%PDF-1.7\n'.padEnd(600)), inner, Buffer.from('\nendstream\n%%EOF\n')]),
    'NotAZip',
    'it is a PDF document, not a zip archive',
  ));

test('a comment with the end record of a split archive does not hide the archive', async () => {
  for (const length of [0, 60]) {
    const fake = Buffer.alloc(22);
    fake.writeUInt32LE(0x06054b50, 0);
    fake.writeUInt16LE(7, 4);
    fake.writeUInt32LE(length, 12);
    assert.deepEqual(await namesIn(zipOf([stored('a', 'x')], { comment: fake })), ['a']);
  }
});

test('reads an archive whose first entry was deleted in place', async () => {
  const three = zipOf([stored('gone', 'g'), stored('b', 'b'), stored('c', 'c')]);
  const directory = three.indexOf('PK\x01\x02', 0, 'latin1');
  const secondRecord = three.indexOf('PK\x01\x02', directory + 4, 'latin1');
  const end = Buffer.from(three.subarray(-22));
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(end.readUInt32LE(12) - (secondRecord - directory), 12);
  const zip = Buffer.concat([three.subarray(0, directory), three.subarray(secondRecord, -22), end]);
  assert.deepEqual(await namesIn(zip), ['b', 'c']);
  assert.deepEqual((await find(zip)).unused, [{ start: 0, end: three.indexOf('PK\x03\x04', 4, 'latin1') }]);
});

test('rejects two joined archives, also if the offsets in the second one include the length of the first one', () => {
  const shifted = Buffer.from(second);
  const directory = shifted.readUInt32LE(shifted.length - 6);
  shifted.writeUInt32LE(directory + first.length, shifted.length - 6);
  for (const at of [directory, shifted.lastIndexOf('PK\x01\x02', undefined, 'latin1')])
    shifted.writeUInt32LE(shifted.readUInt32LE(at + 42) + first.length, at + 42);
  return rejects(Buffer.concat([first, shifted]), 'CorruptArchive', IN_FRONT);
});

test('the first file of a split archive is recognised', () =>
  rejects(
    Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), first.subarray(0, 60)]),
    'MultiDisk',
    'it is one file of a split archive',
  ));

test('the last file of a split archive is recognised, even if its directory starts in an earlier file', () => {
  const end = Buffer.from(first.subarray(-22));
  end.writeUInt16LE(3, 4);
  return rejects(
    Buffer.concat([Buffer.alloc(30, 'x'), end]),
    'MultiDisk',
    'it is one file of a split archive',
  );
});

test('an end record at the start of a file, with a directory that cannot exist, is a corrupt archive', () => {
  const end = Buffer.from(first.subarray(-22));
  return rejects(end, 'CorruptArchive', /its end record does not point to a central directory/);
});

test('thousands of joined archives are rejected after few reads', async () => {
  const zip = Buffer.concat(Array.from({ length: 20_000 }, () => inner));
  let reads = 0;
  const read = async (start: number, end: number): Promise<Buffer> => {
    reads++;
    return zip.subarray(start, end);
  };
  const found = findDirectory({ size: zip.length, read }, { subject: 's', maxDirectoryBytes: 10_000 });
  await assert.rejects(found, { type: 'CorruptArchive', message: /^s: another archive lies in front of it/ });
  assert.ok(reads < 300, `${reads} reads`);
});

/** An end record whose directory would start at byte 10 of the file, in front of the bytes that are read at first. */
function falseEnd(at: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(at - 10, 12);
  return end;
}

// For each false end record, the search reads twice: once as if there were bytes in front of the archive, and once as if
// there were none.
for (const [reads, isFound] of [
  [100, true],
  [102, false],
] as const)
  test(`an archive is ${isFound ? '' : 'not '}found behind ${reads} reads for false end records`, async () => {
    const entry = stored('large', Buffer.alloc(200_000, 'x'));
    const comment = Buffer.alloc((reads / 2) * 22);
    const archiveBytes = zipOf([entry]).length;
    for (let at = 0; at < comment.length; at += 22) falseEnd(archiveBytes + at).copy(comment, at);
    const zip = zipOf([entry], { comment });
    if (isFound) assert.deepEqual(await namesIn(zip), ['large']);
    else await rejects(zip, 'CorruptArchive', /its end record does not point to a central directory/);
  });

test('long padding is read in few, growing reads', async () => {
  const size = 200 * 1024 * 1024;
  let reads = 0;
  const read = async (start: number, end: number): Promise<Buffer> => {
    reads++;
    assert.ok(end - start <= 8 * 1024 * 1024);
    const bytes = Buffer.alloc(end - start);
    if (start < first.length) first.copy(bytes, 0, start, end);
    return bytes;
  };
  const { directory } = await findDirectory({ size, read }, { subject: 's', maxDirectoryBytes: 10_000 });
  assert.ok(directory.length > 0);
  assert.ok(reads < 60, `${reads} reads`);
});
