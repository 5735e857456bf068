import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { defaultLimits, defaultPartLimits, type UnzipLimits } from '../../../domain/unzip/limits.ts';
import { planArchive } from '../../../domain/zip/plan-archive.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { directoryOf, zip64Extra } from './directory-of.ts';
import { planOf } from './plan-of.ts';

interface Row {
  readonly name: string;
  readonly entry: ZipEntry;
  readonly type: string;
  /** The whole message, or a pattern that it matches. */
  readonly says: string | RegExp;
  readonly limits?: Partial<UnzipLimits>;
}

const WIDE = 0xffffffff;
const huge = (size: number): ZipEntry => ({
  name: 'huge',
  declared: { size: WIDE },
  extra: zip64Extra(BigInt(size)),
});

const rejected: readonly Row[] = [
  {
    name: 'a name outside its folder',
    entry: { name: '../x' },
    type: 'UnsafeName',
    says: 'archive oss://b/zip/a.zip: entry "../x" would leave unzip/a/',
  },
  {
    name: 'a name outside its folder after its own top-level directory',
    entry: { name: 'a/../../x' },
    type: 'UnsafeName',
    says: /entry "a\/\.\.\/\.\.\/x" would leave unzip\/a\/$/,
  },
  { name: 'an absolute name', entry: { name: '/etc/passwd' }, type: 'UnsafeName', says: /"\/etc\/passwd"/ },
  { name: 'a name with a drive', entry: { name: 'C:\\x' }, type: 'UnsafeName', says: /"C:\\\\x"/ },
  { name: 'a name with a NUL', entry: { name: 'a\u0000b' }, type: 'UnsafeName', says: /"a\\u0000b"/ },
  { name: 'an empty name', entry: { name: '' }, type: 'UnsafeName', says: /entry "" / },
  {
    name: 'a directory entry outside the folder',
    entry: { name: '../up/' },
    type: 'UnsafeName',
    says: /entry "\.\.\/up\/" would leave/,
  },
  {
    name: 'a symbolic link outside the folder',
    entry: { name: '../link', mode: 0o120777 },
    type: 'UnsafeName',
    says: /"\.\.\/link"/,
  },
  { name: 'an encrypted entry', entry: { name: 'x', flags: 0x1 }, type: 'EncryptedEntry', says: /"x"/ },
  { name: 'strong encryption', entry: { name: 'x', flags: 0x41 }, type: 'EncryptedEntry', says: /"x"/ },
  { name: 'AES encryption', entry: { name: 'x', method: 99 }, type: 'EncryptedEntry', says: /"x"/ },
  ...[1, 6, 7, 9, 12, 14, 93, 95, 97, 98].map((method) => ({
    name: `method ${method}`,
    entry: { name: 'x', method },
    type: 'UnsupportedMethod',
    says: new RegExp(`entry "x" .*method ${method}\\b`),
  })),
  {
    name: 'a key of 1,024 bytes',
    entry: { name: `${'中'.repeat(338)}xx` },
    type: 'NameTooLong',
    says: /1023 bytes/,
  },
  {
    name: 'a stored entry with two different sizes',
    entry: { name: 'x', content: 'abc', method: 0, declared: { size: 4 } },
    type: 'CorruptEntry',
    says: /"x".*3.*4/,
  },
  ...[1, 2 ** 20 + 1, 200 * 2 ** 20].map((size) => ({
    name: `a deflated entry of ${size} bytes without data`,
    entry: { name: 'x', declared: { compressedSize: 0, size } },
    type: 'CorruptEntry',
    says: new RegExp(`entry "x" has no data but declares ${size} bytes$`),
  })),
  {
    name: 'more compressed data than any encoder writes',
    entry: { name: 'x', content: 'abc', declared: { compressedSize: 3 * 8 + 2 ** 20 + 1 } },
    type: 'CorruptEntry',
    says: /entry "x" has 1048601 bytes of compressed data for 3 bytes$/,
  },
  {
    name: 'much compressed data, which reaches beyond the archive',
    entry: { name: 'x', content: 'abc', declared: { compressedSize: 3 * 8 + 2 ** 20 } },
    type: 'CorruptArchive',
    says: /"x"/,
  },
  {
    name: 'data that overlaps the directory',
    entry: { name: 'x', content: 'abc', declared: { compressedSize: 5_000 } },
    type: 'CorruptArchive',
    says: /"x"/,
  },
  {
    name: 'an offset beyond the file',
    entry: { name: 'x', declared: { localOffset: 0x7fffffff } },
    type: 'CorruptArchive',
    says: /"x"/,
  },
  {
    name: 'an offset above the largest safe integer',
    entry: { name: 'x', declared: { localOffset: WIDE }, extra: zip64Extra(2n ** 64n - 1n) },
    type: 'CorruptArchive',
    says: /"x"/,
  },
  {
    name: 'an entry over its limit',
    entry: huge(100 * 2 ** 30 + 1),
    type: 'LimitExceeded',
    says: /107374182401/,
  },
  {
    name: 'far more bytes than the archive can hold',
    entry: huge(11 * 2 ** 30),
    type: 'LimitExceeded',
    says: /200 times/,
  },
  {
    name: 'more bytes than the total limit',
    entry: { name: 'x', content: 'x'.repeat(101) },
    type: 'LimitExceeded',
    says: /105.*100/,
    limits: { totalBytes: 100 },
  },
  {
    name: 'too many nested folders',
    entry: { name: `${'d/'.repeat(150)}x` },
    type: 'LimitExceeded',
    says: /100 folders/,
  },
];

for (const { name, entry, type, says, limits } of rejected) {
  test(`rejects an archive before any write because of ${name}`, () => {
    assert.throws(
      () => planOf([{ name: 'good', content: 'good' }, entry], limits === undefined ? {} : { limits }),
      (error) => {
        assert.ok(error instanceof InvalidInput, String(error));
        assert.equal(error.type, type);
        assert.ok(error.message.startsWith('archive oss://b/zip/a.zip: '), error.message);
        if (typeof says === 'string') assert.equal(error.message, says);
        else assert.match(error.message, says);
        return true;
      },
    );
  });
}

const accepted: readonly (readonly [name: string, entry: ZipEntry])[] = [
  ['a key of 1,023 bytes', { name: `${'中'.repeat(338)}x` }],
  ['99 folders', { name: `${'d/'.repeat(99)}x` }],
  ['less than 10 GiB in few bytes', huge(9 * 2 ** 30)],
  ['a data descriptor', { name: 'x', content: 'x', flags: 0x8 }],
];

for (const [name, entry] of accepted) {
  test(`accepts an archive with ${name}`, () => assert.equal(planOf([entry]).files, 1));
}

test('rejects more entries than the limit', () => {
  assert.throws(() => planOf([{ name: 'x' }, { name: 'y' }], { limits: { entries: 1 } }), {
    type: 'LimitExceeded',
  });
});

const shared = 'the same bytes'.repeat(20);
const overlaps: readonly (readonly [name: string, entries: readonly ZipEntry[]])[] = [
  [
    'two entries have one local header',
    [
      { name: 'x', content: shared },
      { name: 'y', content: shared, declared: { localOffset: 0 } },
    ],
  ],
  [
    'the header of one entry lies in the data of another',
    [
      { name: 'x', content: shared, method: 0 },
      { name: 'y', content: 'y', declared: { localOffset: 40 } },
    ],
  ],
];

for (const [name, entries] of overlaps) {
  test(`rejects an archive as a zip bomb if ${name}`, () => {
    assert.throws(() => planOf(entries), { type: 'OverlappingEntries' });
  });
}

test('rejects an archive whose entries together declare more data than it has', () => {
  const content = 'x'.repeat(1_000);
  const second = { size: 1_000, compressedSize: 1_000, localOffset: 0 };
  assert.throws(
    () =>
      planOf([
        { name: 'x', content, method: 0 },
        { name: 'y', method: 0, declared: second },
      ]),
    {
      ...{ name: 'InvalidInput', type: 'OverlappingEntries' },
      message: 'archive oss://b/zip/a.zip: its entries declare more compressed bytes than the archive has',
    },
  );
});

test('rejects a damaged directory', () => {
  const { directory, start, length } = directoryOf([{ name: 'x' }]);
  const input = {
    ...{ subject: 's', base: 'a', destination: 'unzip/a/', limits: defaultLimits, budget: defaultPartLimits },
    names: { charsets: ['gb18030'], unsafe: 'fail' as const },
  };
  const candidate = { start, length, shift: 0 };
  assert.throws(() => planArchive({ ...input, directory: directory.subarray(1), candidate }), {
    type: 'CorruptArchive',
  });
});
