import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTail } from '../../../domain/zip/archive-end.ts';
import { identifyFormat } from '../../../domain/zip/file-format.ts';
import { findDirectory } from '../../../domain/zip/find-directory.ts';
import { zipOf } from '../../support/zip-writer.ts';
import { directoryOf } from './directory-of.ts';
import { find, rejects } from './find-in-memory.ts';

const entries = [
  { name: 'a.txt', content: 'hello' },
  { name: 'b.txt', content: 'world' },
];
const plain = directoryOf(entries);
const { length, start } = plain;

/** The start of a file of another format. */
const otherFormats: Readonly<Record<string, Buffer>> = {
  'a RAR archive': Buffer.from('526172211a070100', 'hex'),
  'a 7z archive': Buffer.from('377abcaf271c0004', 'hex'),
  'xz data': Buffer.from('fd377a585a000004', 'hex'),
  'gzip data': Buffer.from('1f8b080000000000', 'hex'),
  'a XAR archive': Buffer.from('xar!\0\x1c\0\x01', 'latin1'),
  'compress data': Buffer.from('1f9d900000000000', 'hex'),
  'LZ4 data': Buffer.from('04224d1864400000', 'hex'),
  'lzip data': Buffer.from('LZIP\x01\x0c\0\0', 'latin1'),
  'an RPM package': Buffer.from('edabeedb03000000', 'hex'),
  'a WIM archive': Buffer.from('MSWIM\0\0\0', 'latin1'),
  'an ARJ archive': Buffer.from('60ea2900220b0102', 'hex'),
  'an LHA archive': Buffer.from('  -lh0-         ', 'latin1'),
  'a cpio archive': Buffer.from('070701000000', 'latin1'),
  'bzip2 data': Buffer.from('BZh91AY&SY', 'latin1'),
  'Zstandard data': Buffer.from('28b52ffd04000000', 'hex'),
  'a cabinet archive': Buffer.from('MSCF\0\0\0\0', 'latin1'),
  'an ar archive': Buffer.from('!<arch>\n', 'latin1'),
  'an OLE file, such as an encrypted Office document': Buffer.from('d0cf11e0a1b11ae10000', 'hex'),
  'a SquashFS image': Buffer.from('hsqs\0\0\0\0', 'latin1'),
  'a cramfs image': Buffer.from('453dcd2800000000', 'hex'),
  'a romfs image': Buffer.from('-rom1fs-', 'latin1'),
  'a QCOW disk image': Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'),
  'a VMDK disk image': Buffer.from('KDMV\x01\0\0\0', 'latin1'),
  'a VHDX disk image': Buffer.from('vhdxfile', 'latin1'),
  'a VHD disk image': Buffer.from('conectix', 'latin1'),
};
for (const [format, magic] of Object.entries(otherFormats)) {
  const other = Buffer.concat([magic, Buffer.alloc(600, 1)]);
  test(`${format} is identified by its first bytes`, () => {
    assert.deepEqual(identifyFormat(other), { name: format, isContainer: true });
  });
  test(`a file that begins as ${format} and ends as a zip is rejected`, async () => {
    await rejects(Buffer.concat([other, plain.zip]), 'NotAZip', `it is ${format}, not a zip archive`);
  });
  test(`${format} behind a zip is not ignored`, async () => {
    await rejects(
      Buffer.concat([plain.zip, other]),
      'CorruptArchive',
      `${format} follows it, at byte ${plain.zip.length}; upload each archive as its own object`,
    );
  });
  test(`${format} between two entries is not ignored`, async () => {
    await rejects(
      withBytesBeforeDirectory(other),
      'CorruptArchive',
      new RegExp(`${format} lies between its entries`),
    );
  });
  test(`${format} behind an archive without entries is not ignored`, async () => {
    await rejects(
      Buffer.concat([zipOf([]), other]),
      'CorruptArchive',
      /has no entries, but other data follows/,
    );
  });
}

/** An archive with these bytes between its entries and its directory. */
function withBytesBeforeDirectory(bytes: Buffer): Buffer {
  const zip = Buffer.concat([plain.zip.subarray(0, start), bytes, plain.zip.subarray(start)]);
  zip.writeUInt32LE(start + bytes.length, zip.length - 6);
  return zip;
}

test('for three joined archives, the message says that another archive lies in front of the last archive', async () => {
  const three = Buffer.concat([plain.zip, zipOf([{ name: 'x', content: 'y' }]), plain.zip]);
  await rejects(
    three,
    'CorruptArchive',
    /^s: another archive lies in front of it, in bytes 0 to \d+; upload each/,
  );
});

test('an image of a CD that ends as a zip is rejected', async () => {
  const image = Buffer.alloc(0x8800);
  image.write('CD001', 0x8001);
  await rejects(Buffer.concat([image, plain.zip]), 'NotAZip', 'it is an ISO 9660 image, not a zip archive');
});

test('the first bytes of a further entry behind an archive are not ignored', async () => {
  const piece = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(21, 2)]);
  await rejects(Buffer.concat([plain.zip, piece]), 'CorruptArchive', /another archive follows it/);
});

test('text behind an archive without entries is not ignored', async () => {
  await rejects(Buffer.concat([zipOf([]), Buffer.from('text')]), 'CorruptArchive', /other data follows/);
});

test('an archive is read if padding of any length follows it: zeros, 0xff bytes or spaces', async () => {
  const tail = 65_535 + 22 + 20 + 56 + 4_096;
  for (const byte of [0, 0xff, 0x20]) {
    for (const windows of [1, 2, 3]) {
      for (let around = -30; around <= 30; around += 1) {
        const trailing = Buffer.alloc(windows * tail + around, byte);
        const { directory } = await find(zipOf(entries, { trailing }));
        assert.equal(directory.length, length, `${trailing.length} bytes of ${byte}`);
      }
    }
  }
});

const arjHeaders: readonly (readonly [header: string, isArj: boolean])[] = [
  ['60ea290022', true],
  ['60ea280a1e', true],
  ['60ea1e001e', true],
  ['60ea290a1e', false],
  ['60ea1d001e', false],
  ['60ea29001d', false],
  ['60ea2900', false],
];
for (const [header, isArj] of arjHeaders) {
  test(`${header} is ${isArj ? '' : 'not '}the start of an ARJ archive`, () => {
    assert.equal(identifyFormat(Buffer.from(header, 'hex'))?.name, isArj ? 'an ARJ archive' : undefined);
  });
}

for (const magic of ['sqsh', '070702', '070707'])
  test(`the variant ${magic} of a format is a container, too`, () => {
    assert.equal(identifyFormat(Buffer.from(magic.padEnd(600)))?.isContainer, true);
  });

test('zlib data is identified by its first seven bytes', () => {
  const bytes = Buffer.from('7801000100feff', 'hex');
  assert.equal(identifyFormat(bytes)?.name, 'zlib data');
  assert.equal(identifyFormat(bytes.subarray(0, 6)), undefined);
});

test('a file of a few bytes has no known format', () => {
  for (const byte of [0, 0x78, 0x60, 0xc7, 0xff])
    for (let length = 0; length < 40; length++)
      assert.equal(identifyFormat(Buffer.alloc(length, byte)), undefined);
});

/** The start of a file that may contain an archive as an attachment, but that is no archive. */
const notContainers: Readonly<Record<string, Buffer>> = {
  'a PDF document': Buffer.from('%PDF-1.7\n'),
  'a PNG image': Buffer.from('89504e470d0a1a0a', 'hex'),
  'a JPEG image': Buffer.from('ffd8ffe000104a46', 'hex'),
  'an HTML page': Buffer.from('\ufeff \n<!DOCTYPE html>'),
  'an XML document': Buffer.from('<?xml version="1.0"?>'),
};
for (const [format, magic] of Object.entries(notContainers)) {
  const other = Buffer.concat([magic, Buffer.alloc(600, 1)]);
  test(`a zip behind ${format} is read, and the bytes in front of it are reported`, async () => {
    const { directory, unused } = await find(Buffer.concat([other, plain.zip]));
    assert.equal(directory.length, length);
    assert.deepEqual(unused, [{ start: 0, end: other.length }]);
  });
  test(`a file that is only ${format} is rejected, and the message names the format`, async () => {
    await rejects(other, 'NotAZip', `it is ${format}, not a zip archive`);
  });
}

const signatures: Readonly<Record<string, string>> = {
  'a directory record': 'PK\x01\x02',
  'an end record': 'PK\x05\x06',
};
for (const [record, signature] of Object.entries(signatures))
  test(`a zip behind bytes that begin with the signature of ${record}, but are none, is read`, async () => {
    const other = Buffer.from(signature.padEnd(600, '\x77'), 'latin1');
    const { unused } = await find(Buffer.concat([other, plain.zip]));
    assert.deepEqual(unused, [{ start: 0, end: other.length }]);
  });

test('padding behind almost 256 MiB of data is skipped, and the data does not count for the limit of padding', async () => {
  const entry = zipOf(entries);
  const size = 256 * 1024 * 1024 + 100_000;
  const archiveAt = size - 100_000 - entry.length;
  // In front of the archive, all bytes are 1. Behind the archive, all bytes are 0: the padding.
  const read = async (from: number, to: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(to - from, 0);
    bytes.fill(1, 0, Math.max(0, Math.min(archiveAt, to) - from));
    const copied = entry.subarray(Math.max(0, from - archiveAt), Math.max(0, to - archiveAt));
    copied.copy(bytes, Math.max(0, archiveAt - from));
    return bytes;
  };
  const { bytes, at } = await readTail({ size, read });
  assert.ok(bytes.includes(entry), 'the tail has the archive');
  assert.ok(at <= archiveAt);
});

test('the end of a file without padding is read once', async () => {
  const zip = zipOf([{ name: 'large', content: Buffer.alloc(200_000, 'x'), method: 0 }]);
  const reads: [number, number][] = [];
  const read = async (from: number, to: number): Promise<Buffer> => {
    reads.push([from, to]);
    return zip.subarray(from, to);
  };
  await findDirectory({ size: zip.length, read }, { subject: 's', maxDirectoryBytes: 10_000 });
  assert.equal(reads.filter(([, to]) => to === zip.length).length, 1, JSON.stringify(reads));
});
