import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSearch, type Find } from '../../../domain/zip/file-search.ts';

const MIB = 1024 * 1024;

/** Searches a file of zeros with some letters. Counts the bytes that are read. */
function setUp(size: number, letters: Readonly<Record<number, string>> = {}) {
  const bytes = Buffer.alloc(size);
  for (const [at, letter] of Object.entries(letters)) bytes.write(letter, Number(at));
  let read = 0;
  let pauses = 0;
  const search = new FileSearch(
    async (start, end) => {
      read += end - start;
      return bytes.subarray(start, end);
    },
    async () => void pauses++,
  );
  return { search, read: () => read, pauses: () => pauses };
}

const find =
  (text: string): Find =>
  (bytes) => {
    const at = bytes.indexOf(text);
    return at < 0 ? undefined : { at };
  };

const border = 128 * 1024;
for (const at of [0, border - 2, border - 1, border, MIB - 2, MIB - 1, MIB, 2 * MIB - 3])
  test(`finds three bytes at byte ${at}, also at the border of two windows`, async () => {
    const { search } = setUp(2 * MIB, { [at]: 'abc' });
    assert.deepEqual(await search.first({ start: 0, end: 2 * MIB }, find('abc')), { at });
    assert.deepEqual(await search.first({ start: at, end: at + 3 }, find('abc')), { at });
    assert.equal(await search.first({ start: at + 1, end: 2 * MIB }, find('abc')), undefined);
    assert.equal(await search.first({ start: 0, end: at + 2 }, find('abc')), undefined);
  });

test('a prefix is read once for all end records, and longer ones only from there on', async () => {
  const { search, read } = setUp(4 * MIB, { [3 * MIB]: 'a' });
  const inPrefix = (end: number) => search.firstInPrefix({ start: 0, end }, find('a'), 'letters');
  assert.equal(await inPrefix(MIB), undefined);
  const once = read();
  for (const end of [MIB, MIB - 1, 1_000]) assert.equal(await inPrefix(end), undefined);
  assert.equal(read(), once);
  assert.deepEqual(await inPrefix(4 * MIB), { at: 3 * MIB });
  const all = read();
  assert.ok(all < 4 * MIB + 64 * 1024, String(all));
  assert.deepEqual(await inPrefix(3 * MIB + 1), { at: 3 * MIB });
  assert.equal(await inPrefix(3 * MIB), undefined);
  assert.equal(read(), all);
});

test('prefixes with another start, and other searches, are independent', async () => {
  const { search } = setUp(1_000, { 10: 'a', 20: 'b' });
  const range = { start: 0, end: 1_000 };
  assert.deepEqual(await search.firstInPrefix(range, find('a'), 'a'), { at: 10 });
  assert.deepEqual(await search.firstInPrefix(range, find('b'), 'b'), { at: 20 });
  assert.equal(await search.firstInPrefix({ ...range, start: 11 }, find('a'), 'a'), undefined);
});

test('lets other work run between windows', async () => {
  const { search, pauses } = setUp(MIB);
  await search.first({ start: 0, end: MIB }, find('a'));
  assert.equal(pauses(), 8);
});

test('reads 1 GiB to find the directory of one file, and not a byte more', async () => {
  const { search } = setUp(1);
  await search.count(1024 * MIB);
  await assert.rejects(search.count(1), {
    type: 'CorruptArchive',
    why: 'its end records point to too many bytes to search for its central directory; at most 1073741824 are searched',
  });
});

test('searched bytes count', async () => {
  const { search } = setUp(1_000);
  await search.count(1024 * MIB - 1_000);
  await search.first({ start: 0, end: 1_000 }, find('a'));
  await assert.rejects(search.first({ start: 0, end: 1 }, find('a')), { type: 'CorruptArchive' });
});

test('a range of over 256 MiB is not searched', async () => {
  const { search, read } = setUp(1);
  const range = { start: 1, end: 256 * MIB + 2 };
  const error = { type: 'CorruptArchive', why: /^268435457 bytes from byte 1 on belong to no entry/ };
  await assert.rejects(search.first(range, find('a')), error);
  await assert.rejects(search.firstInPrefix(range, find('a'), 'a'), error);
  assert.equal(read(), 0);
});
