import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InvalidInput } from '../../../domain/errors.ts';
import { readDirectory } from '../../../domain/zip/directory-record.ts';
import { type FoundDirectory, findDirectory } from '../../../domain/zip/find-directory.ts';
import { hasUnknownSize, withMeasuredSizes } from '../../../domain/zip/wrapped-sizes.ts';

const GIB = 2 ** 30;
const WRAP = 4 * GIB;

const filesOfUnknownSize = (directory: Buffer, wrapped: boolean) =>
  [...readDirectory(directory)].filter((record) => hasUnknownSize(record, directory, { wrapped }));

/** A file of an archive without ZIP64. Its data is read as zeros. */
interface File {
  readonly name: string;
  readonly method?: 0 | 8;
  readonly compressed: number;
  readonly size: number;
}

/** An archive as macOS writes it: with data descriptors, and all offsets and sizes modulo 2^32. */
function macArchive(files: readonly File[], firstOffset = 0) {
  const headers = new Map<number, Buffer>();
  const records: Buffer[] = [];
  const starts: number[] = [];
  let at = firstOffset;
  for (const { name, method = 8, compressed, size } of files) {
    starts.push(at);
    const header = Buffer.alloc(30 + name.length);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(8, 6);
    header.writeUInt16LE(method, 8);
    header.writeUInt16LE(name.length, 26);
    header.write(name, 30);
    headers.set(at, header);
    const record = Buffer.alloc(46 + name.length);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(0x0315, 4);
    record.writeUInt16LE(20, 6);
    record.writeUInt16LE(8, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(compressed % WRAP, 20);
    record.writeUInt32LE(size % WRAP, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(at % WRAP, 42);
    record.write(name, 46);
    records.push(record);
    at += header.length + compressed + 16;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length % 65_536, 8);
  end.writeUInt16LE(files.length % 65_536, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at % WRAP, 16);
  headers.set(at, Buffer.concat([directory, end]));
  let reads = 0;
  const size = at + directory.length + end.length;
  const read = async (start: number, limit: number): Promise<Buffer> => {
    reads++;
    assert.ok(start >= 0 && start <= limit && limit <= size, `reads ${start} to ${limit} of ${size}`);
    const bytes = Buffer.alloc(limit - start);
    for (const [offset, header] of headers)
      if (offset < limit && offset + header.length > start) copyInto(bytes, header, offset - start);
    return bytes;
  };
  return { starts, directory, file: { size, read }, reads: () => reads };
}

function copyInto(target: Buffer, source: Buffer, at: number): void {
  if (at >= 0) source.copy(target, at);
  else source.copy(target, 0, -at);
}

const find = (file: {
  size: number;
  read(start: number, end: number): Promise<Buffer>;
}): Promise<FoundDirectory> => findDirectory(file, { subject: 's', maxDirectoryBytes: 10_000_000 });

const stored = (name: string, size: number): File => ({ name, method: 0, compressed: size, size });
const small = (name: string): File => ({ name, compressed: 100, size: 200 });

const archives: readonly (readonly [name: string, files: readonly File[]])[] = [
  ['one stored file of 5 GiB', [stored('a', 5 * GIB)]],
  ['a stored file of exactly 4 GiB', [stored('a', WRAP)]],
  ['a stored file of one byte less than 4 GiB, and a small one', [stored('a', WRAP - 1), small('b')]],
  ['a file of 5 GiB before small ones', [stored('a', 5 * GIB), small('b'), small('c')]],
  ['a file of 5 GiB between small ones', [small('a'), stored('b', 5 * GIB), small('c')]],
  ['a file of 13 GiB behind small ones', [small('a'), small('b'), stored('c', 13 * GIB)]],
  ['files of 9, 1 and 17 GiB', [stored('a', 9 * GIB), stored('b', GIB), stored('c', 17 * GIB), small('d')]],
  ['ten files of 1 GiB', Array.from({ length: 10 }, (_, at) => stored(`f${at}`, GIB))],
  ['a deflated file of 5 GiB of data', [small('a'), { name: 'b', compressed: 5 * GIB, size: 5.5 * GIB }]],
];
for (const [name, files] of archives) {
  test(`an archive of macOS without ZIP64 is read: ${name}`, async () => {
    const { starts, file } = macArchive(files);
    const { directory, shift, wrapped, unused } = await find(file);
    assert.equal(shift, 0);
    assert.equal(wrapped, true);
    assert.deepEqual(unused, []);
    const found = [...readDirectory(directory)];
    assert.deepEqual(
      found.map(({ name, localOffset, compressedSize }) => [String(name), localOffset, compressedSize]),
      files.map(({ name, compressed }, row) => [name, starts[row], compressed]),
    );
    assert.deepEqual(
      found.map(({ method, size }) => (method === 0 ? size : size % WRAP)),
      files.map(({ method, size }) => (method === 0 ? size : size % WRAP)),
    );
  });
}

test('70,000 files around one of 9 GiB need few requests', async () => {
  const many = (prefix: string): File[] => Array.from({ length: 35_000 }, (_, at) => small(`${prefix}${at}`));
  const { starts, file, reads } = macArchive([...many('a'), stored('big', 9 * GIB), ...many('b')]);
  const found = [...readDirectory((await find(file)).directory)];
  assert.deepEqual(
    found.map(({ localOffset }) => localOffset),
    starts,
  );
  assert.ok(reads() < 60, `${reads()} requests`);
});

test('an archive over 4 GiB without its entries is rejected', async () => {
  const { file, starts } = macArchive([stored('a', 5 * GIB), small('b')]);
  const behindHeaders = (starts[1] ?? 0) + 100;
  const without = {
    size: file.size,
    read: async (start: number, end: number) =>
      (await file.read(start, end)).fill(0, 0, Math.max(0, Math.min(behindHeaders, end) - start)),
  };
  await assert.rejects(find(without), (error: InvalidInput) => {
    assert.equal(error.type, 'CorruptArchive');
    assert.match(error.message, /more than 4 GiB without ZIP64, and its entries are not where/);
    return true;
  });
});

const MIB = 2 ** 20;
const sizes: readonly (readonly [name: string, file: File, byMacos: boolean, measured: boolean])[] = [
  [
    'the data is longer than any deflated data of this size',
    { name: 'a', compressed: 5 * MIB, size: 9 },
    false,
    true,
  ],
  [
    "its real size can be the declared size plus 4 GiB: the ratio is then at most deflate's maximum, 1,032",
    { name: 'a', compressed: 4_161_791, size: 9 },
    false,
    true,
  ],
  [
    "its real size cannot be the declared size plus 4 GiB: the ratio would then exceed deflate's maximum",
    { name: 'a', compressed: 4_161_790, size: 9 },
    true,
    false,
  ],
  ['macOS may have compressed it to a hundredth', { name: 'a', compressed: 42_949_673, size: 4 }, true, true],
  [
    'macOS may have compressed it to a hundredth, and its declared size is a usual one',
    { name: 'a', compressed: 43_578_819, size: 60 * MIB },
    true,
    true,
  ],
  [
    'macOS would have compressed it to less than a hundredth',
    { name: 'a', compressed: 43_578_818, size: 60 * MIB },
    true,
    false,
  ],
  [
    'a deflate encoder may have made it longer',
    { name: 'a', compressed: 4_565_536, size: 4_000_000 },
    false,
    false,
  ],
  ['no deflate encoder makes it so long', { name: 'a', compressed: 4_565_537, size: 4_000_000 }, false, true],
  ['another archiver wrote it', { name: 'a', compressed: 43 * MIB, size: 60 * MIB }, false, false],
  ['it is stored', { name: 'a', method: 0, compressed: 43 * MIB, size: 43 * MIB }, true, false],
];
for (const [name, file, byMacos, measured] of sizes) {
  test(`the size of a file is ${measured ? '' : 'not '}measured if ${name}`, () => {
    const { directory } = macArchive([small('x'), file]);
    if (!byMacos) directory.writeUInt16LE(0x0314, 47 + 4);
    const found = filesOfUnknownSize(directory, false).map(({ name }) => String(name));
    assert.deepEqual(found, measured ? ['a'] : []);
  });
}

test('the size of a file in an archive with wrapped offsets is measured even if another archiver wrote it', () => {
  const { directory } = macArchive([{ name: 'a', compressed: 43 * MIB, size: 60 * MIB }]);
  directory.writeUInt16LE(0x0314, 4);
  assert.equal(filesOfUnknownSize(directory, true).length, 1);
});

test('a measured size replaces the size in the directory, and no other field or entry changes', () => {
  const { directory } = macArchive([small('x'), { name: 'a', compressed: 50 * MIB, size: 7 }, small('y')]);
  const [x, a, y] = [...readDirectory(directory)];
  const changed = [...readDirectory(withMeasuredSizes(directory, new Map([[a?.at ?? 0, WRAP + 7]])))];
  const part = (record: (typeof changed)[number] | undefined) => {
    const { at: _, length: __, extra: ___, ...rest } = record ?? assert.fail();
    return rest;
  };
  assert.deepEqual(changed.map(part), [part(x), { ...part(a), size: WRAP + 7 }, part(y)]);
});

test('a local header with another name inside a stored file is not taken for the header of an entry', async () => {
  const { starts, file } = macArchive([stored('a', 5 * GIB), small('b')]);
  const decoy = Buffer.alloc(31);
  decoy.writeUInt32LE(0x04034b50, 0);
  decoy.writeUInt16LE(1, 26);
  decoy.write('z', 30);
  const decoyAt = (starts[1] ?? 0) - WRAP;
  const read = async (start: number, end: number): Promise<Buffer> => {
    const bytes = await file.read(start, end);
    if (decoyAt < end && decoyAt + decoy.length > start) copyInto(bytes, decoy, decoyAt - start);
    return bytes;
  };
  const { directory } = await find({ size: file.size, read });
  assert.deepEqual(
    [...readDirectory(directory)].map(({ localOffset }) => localOffset),
    starts,
  );
});

test('an archive of macOS whose directory is damaged is rejected', async () => {
  const { directory, file } = macArchive([stored('a', 5 * GIB), small('b')]);
  const secondRecordAt = file.size - 22 - directory.length + 47;
  const read = async (start: number, end: number): Promise<Buffer> => {
    const bytes = await file.read(start, end);
    if (secondRecordAt >= start && secondRecordAt < end) bytes[secondRecordAt - start] = 0;
    return bytes;
  };
  await assert.rejects(find({ size: file.size, read }), { type: 'CorruptArchive' });
});
