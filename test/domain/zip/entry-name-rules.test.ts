import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  detectEntryNameRules,
  entryActionReader,
  type NameOptions,
} from '../../../domain/zip/entry-name-rules.ts';
import { seededRandom } from '../../../local/faults/seeded-random.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { recordsOf } from './directory-of.ts';

const bytes = (hex: string, text = ''): Buffer =>
  Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from(text, 'latin1')]);
const UTF8 = 0x800;

/** Info-ZIP's extra field 0x7075: version 1, CRC-32 of the raw name, name in UTF-8. */
function unicodePath(raw: Buffer, name: string, crc = crc32(raw)): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x7075, 0);
  field.writeUInt16LE(5 + Buffer.byteLength(name), 2);
  field.writeUInt8(1, 4);
  field.writeUInt32LE(crc, 5);
  return Buffer.concat([field, Buffer.from(name)]);
}

/**
 * Returns the paths in an archive called `base.zip`. For an entry that is neither a file nor a folder, returns what
 * happens to the entry.
 */
function pathsOf(
  entries: readonly ZipEntry[],
  {
    base = 'base',
    charset = 'gb18030',
    unsafe = 'fail',
  }: { base?: string; charset?: string; unsafe?: NameOptions['unsafe'] } = {},
): string[] {
  const records = recordsOf(entries);
  const names = { charsets: charset.split(','), unsafe };
  const actionFor = entryActionReader(detectEntryNameRules(() => records, base, names));
  return records.map((record) => {
    const entry = actionFor(record);
    switch (entry.action) {
      case 'extract':
        return entry.path;
      case 'folder':
        return `${entry.path}/`;
      case 'skip':
        return `skipped as ${entry.reason}: ${entry.name}`;
      default:
        return `rejected: ${entry.why}`;
    }
  });
}

const gbk = bytes('d6d0cec4', '.txt');
const utf8 = bytes('e4b896e7958c', '.txt');

const charsets: readonly (readonly [
  name: string,
  entries: readonly ZipEntry[],
  paths: readonly string[],
  charset?: string,
])[] = [
  ['reads a flagged name as UTF-8', [{ name: utf8, flags: UTF8 }], ['世界.txt']],
  [
    'reads unflagged names as UTF-8 if all are valid UTF-8',
    [{ name: utf8 }, { name: bytes('', 'a') }],
    ['世界.txt', 'a'],
  ],
  ['reads unflagged names in GBK', [{ name: gbk }], ['中文.txt']],
  [
    'reads a flagged and an unflagged name',
    [{ name: utf8, flags: UTF8 }, { name: gbk }],
    ['世界.txt', '中文.txt'],
  ],
  ['reads Shift JIS if it is preferred', [{ name: bytes('955c', '.txt') }], ['表.txt'], 'shift_jis'],
  ['reads no charset that is not configured', [{ name: bytes('81', '.txt') }], ['%81.txt']],
  ['reads CP437 if it is configured', [{ name: bytes('81', '.txt') }], ['ü.txt'], 'cp437'],
  ['reads CP437 if it is preferred', [{ name: bytes('d6d0') }], ['╓╨'], 'cp437'],
  ['ignores a wrong UTF-8 flag', [{ name: gbk, flags: UTF8 }], ['中文.txt']],
  [
    '0x7075 with the right CRC',
    [{ name: bytes('3f3f'), extra: unicodePath(bytes('3f3f'), '七个') }],
    ['七个'],
  ],
  [
    '0x7075 with a wrong CRC',
    [{ name: bytes('', 'old'), extra: unicodePath(bytes('', 'x'), '七个') }],
    ['old'],
  ],
];

for (const [name, entries, paths, charset] of charsets) {
  test(`names: ${name}`, () => {
    assert.deepEqual(pathsOf(entries, charset === undefined ? {} : { charset }), paths);
  });
}

/** Valid in UTF-8 (two-byte characters only) and in GBK. */
const both = bytes('c2a1c2a1');

test('reads a name that is valid in two charsets in the charset of the other names', () => {
  assert.deepEqual(pathsOf([{ name: both }]), ['¡¡']);
  assert.deepEqual(pathsOf([{ name: both }, { name: gbk }]), ['隆隆', '中文.txt']);
  assert.deepEqual(pathsOf([{ name: both }, { name: utf8 }]), ['¡¡', '世界.txt']);
});

test('reads a name that is valid in two charsets as UTF-8 only if more of the other names are UTF-8 than are not', () => {
  const name = (entries: readonly ZipEntry[]): string | undefined => pathsOf(entries)[0];
  assert.equal(name([{ name: both }, { name: utf8 }, { name: gbk }]), '隆隆');
  assert.equal(
    name([{ name: both }, { name: utf8 }, { name: bytes(utf8.toString('hex'), '2') }, { name: gbk }]),
    '¡¡',
  );
});

test('reads UTF-8 and GBK in one archive', () => {
  assert.deepEqual(pathsOf([{ name: utf8 }, { name: gbk }]), ['世界.txt', '中文.txt']);
});

test('reads a Thai name in UTF-8 next to names in GBK', () => {
  const thai = bytes('e0b984e0b897e0b8a2', '.txt');
  assert.deepEqual(pathsOf([{ name: thai }, { name: gbk }, { name: gbk }]), [
    'ไทย.txt',
    '中文.txt',
    '中文.txt',
  ]);
});

test('a broken name does not change how other names are read, and keeps its readable characters', () => {
  const broken = bytes('d6d0cec4d7');
  assert.deepEqual(pathsOf([{ name: gbk }, { name: broken }]), ['中文.txt', '中文%D7']);
  assert.deepEqual(pathsOf([{ name: gbk }, { name: bytes('d6ff', 'a') }]), ['中文.txt', '%D6%FFa']);
});

const latin1 = (...names: readonly string[]): ZipEntry[] => names.map((name) => ({ name: bytes('', name) }));

const escapes: readonly (readonly [what: string, names: readonly string[], paths: readonly string[]])[] = [
  ['a name that contains text such as %FF', ['a%FF.txt', 'a\xff.txt'], ['a%FF.txt', 'a%%FF.txt']],
  ['names that contain text such as %%FF and %%%80', ['%%FF', '%%%80', '\xff'], ['%%FF', '%%%80', '%%%%FF']],
  [
    'percent signs that the name already has',
    ['%FF\xff', '\xff\xff', '%2525\xff', '100%\xff'],
    ['%25FF%FF', '%FF%FF', '%252525%FF', '100%%FF'],
  ],
  ['names with other percent signs', ['%41', '%ff', '100%', '%\xff'], ['%41', '%ff', '100%', '%%FF']],
];

for (const [what, names, paths] of escapes)
  test(`the escape of an invalid byte is different from ${what}`, () => {
    assert.deepEqual(pathsOf(latin1(...names)), paths);
  });

test('different names never get the same path, and names without invalid bytes never change', () => {
  const characters = ['%', '2', '5', 'F', 'f', '\xff'];
  const random = seededRandom(11);
  const below = (limit: number): number => Math.floor(random() * limit);
  const name = (): string =>
    Array.from({ length: 1 + below(6) }, () => characters[below(characters.length)]).join('');
  for (let archive = 0; archive < 2_000; archive++) {
    const names = [...new Set(Array.from({ length: 2 + below(12) }, name))];
    const paths = pathsOf(latin1(...names));
    assert.equal(new Set(paths).size, names.length, JSON.stringify({ names, paths }));
    for (const [at, each] of names.entries()) if (!each.includes('\xff')) assert.equal(paths[at], each);
  }
});

test('if a name with a declared charset contains text that looks like an escape, the escapes of the archive are longer', () => {
  const declared = unicodePath(bytes('', 'old'), '%FF');
  assert.deepEqual(pathsOf([{ name: bytes('', 'old'), extra: declared }, { name: bytes('ff') }]), [
    '%FF',
    '%%FF',
  ]);
});

test('chooses the charset that fits all names best', () => {
  const japanese = [{ name: bytes('836583588367', '.txt') }, { name: bytes('93fa967b8cea', '.txt') }];
  assert.deepEqual(pathsOf(japanese, { charset: 'gb18030,shift_jis' }), ['テスト.txt', '日本語.txt']);
  assert.deepEqual(pathsOf([{ name: gbk }], { charset: 'shift_jis,gb18030' }), ['中文.txt']);
  assert.deepEqual(pathsOf([{ name: gbk }], { charset: 'cp866,koi8-r' })[0]?.length, '中文.txt'.length + 2);
});

const backslashes: readonly (readonly [
  name: string,
  entries: readonly ZipEntry[],
  paths: readonly string[],
  charset?: string,
])[] = [
  ['from DOS are slashes', [{ name: 'a\\b', host: 0 }], ['a/b']],
  ['from NTFS are slashes', [{ name: 'a\\b', host: 10 }], ['a/b']],
  ['from Unix are normal characters', [{ name: 'a\\b', host: 3 }], ['a\\b']],
  ['are normal characters in a name with a slash', [{ name: 'a\\b/c', host: 0 }], ['a\\b/c']],
  [
    'are decided for each entry',
    [
      { name: 'foo/', host: 0 },
      { name: 'foo\\bar', host: 0 },
      { name: 'a\\b', host: 3 },
    ],
    ['foo/', 'foo/bar', 'a\\b'],
  ],
  ['in second bytes of GBK are not separators', [{ name: bytes('b05c', '.txt'), host: 0 }], ['癨.txt']],
  [
    'in second bytes of Shift JIS are not separators',
    [{ name: bytes('955c', '.txt'), host: 0 }],
    ['表.txt'],
    'shift_jis',
  ],
];

for (const [name, entries, paths, charset] of backslashes) {
  test(`backslashes ${name}`, () => {
    assert.deepEqual(pathsOf(entries, charset === undefined ? {} : { charset }), paths);
  });
}

const tops: readonly (readonly [name: string, names: readonly string[], paths: readonly string[]])[] = [
  ['is dropped if it is the only top-level entry', ['base/a', 'base/b/c'], ['a', 'b/c']],
  ['is dropped if the archive also has an entry for it', ['base/', 'base/a'], ['/', 'a']],
  ['is dropped if the names start with ./', ['./base/a'], ['a']],
  ['is dropped only once', ['base/base/a'], ['base/a']],
  ['stays if there is a file next to it', ['base/a', 'readme'], ['base/a', 'readme']],
  [
    'is dropped if only metadata of macOS is next to it',
    ['base/a', '__MACOSX/', '__MACOSX/base/._a', '.DS_Store'],
    ['a', '/', 'skipped as macOS metadata: __MACOSX/base/._a', 'skipped as macOS metadata: .DS_Store'],
  ],
  ['is dropped even if there is an entry for the destination', ['./', '/', 'base/a'], ['/', '/', 'a']],
  ['is not confused with ./', ['./', 'a'], ['/', 'a']],
  ['stays if its name is not the archive’s name', ['other/a'], ['other/a']],
  ['stays if it differs in case', ['Base/a'], ['Base/a']],
  ['stays if its name is longer', ['base2/a'], ['base2/a']],
];

for (const [name, names, paths] of tops) {
  test(`a top-level directory with the archive's name ${name}`, () => {
    assert.deepEqual(pathsOf(names.map((entry) => ({ name: entry }))), paths);
  });
}

test('a file with the archive’s name is not a top-level directory, and keeps its name', () => {
  assert.deepEqual(pathsOf([{ name: 'base' }]), ['base']);
});

/** Returns the names that a manifest shows for the files of an archive `base.zip`; undefined if a name is not shown. */
function namesOf(
  entries: readonly ZipEntry[],
  unsafe: NameOptions['unsafe'] = 'fail',
): (string | undefined)[] {
  const records = recordsOf(entries);
  const names = { charsets: ['gb18030'], unsafe };
  const actionFor = entryActionReader(detectEntryNameRules(() => records, 'base', names));
  return records.map((record) => {
    const entry = actionFor(record);
    return entry.action === 'extract' || entry.action === 'skip' ? entry.name : undefined;
  });
}

const changed: readonly (readonly [name: string, how: string, entry: ZipEntry])[] = [
  ['./a', 'a "." segment', { name: './a' }],
  ['a//b', 'an empty segment', { name: 'a//b' }],
  ['a\\b', 'a backslash of DOS', { name: 'a\\b', host: 0 }],
  ['a\0', 'a NUL at its end', { name: 'a\0' }],
  ['%D6%FFa', 'invalid bytes', { name: bytes('d6ff', 'a') }],
];

for (const [name, how, entry] of changed)
  test(`a manifest shows the name of an entry with ${how}, because the key is different`, () => {
    assert.deepEqual(namesOf([entry, { name: 'other' }]), [name, undefined]);
  });

test('a manifest shows the name of an entry whose unsafe or invalid parts were changed', () => {
  const entry = { name: bytes('', '../\xff') };
  assert.deepEqual(namesOf([entry], 'strip'), ['../%FF']);
  assert.deepEqual(namesOf([entry], 'skip'), ['../%FF']);
});

test('a manifest does not show a name from which only the top-level directory was removed', () => {
  assert.deepEqual(namesOf([{ name: 'base/a' }, { name: 'base/b/c' }]), [undefined, undefined]);
  assert.deepEqual(namesOf([{ name: 'base/a' }, { name: 'base/./b' }]), [undefined, 'base/./b']);
});

test('checks a name before it drops the top-level directory', () => {
  assert.match(pathsOf([{ name: 'base/../../x' }])[0] ?? '', /^rejected/);
});

const unsafeNames: readonly (readonly [name: string, stripped: string, fails: string])[] = [
  ['../LICENSE', 'LICENSE', 'would leave its folder'],
  ['../../a/b', 'a/b', 'would leave its folder'],
  ['assets/../assets/0/logo.png', 'assets/0/logo.png', 'has a ".." segment in its name'],
  ['/etc/passwd', 'etc/passwd', 'has an absolute path as its name'],
  ['//host/share', 'host/share', 'has an absolute path as its name'],
  ['C:/New Folder/2.docx', 'New Folder/2.docx', 'has an absolute path as its name'],
  ['a/..\\..\\b', 'b', 'would leave its folder'],
  ['a/../', '/', 'has a ".." segment in its name'],
  ['../', '/', 'would leave its folder'],
  ['C:/', '/', 'has an absolute path as its name'],
];

for (const [name, stripped, why] of unsafeNames) {
  test(`the unsafe name ${name} fails, is skipped, or is stripped, as the policy says`, () => {
    const entry = [{ name }];
    assert.deepEqual(pathsOf(entry), [`rejected: ${why}`]);
    assert.deepEqual(pathsOf(entry, { unsafe: 'skip' }), [`skipped as unsafe name: ${name}`]);
    assert.deepEqual(pathsOf(entry, { unsafe: 'strip' }), [stripped]);
  });
}

test('an entry that is marked as a folder by its name, but has data, is reported, because OSS has no folders', () => {
  assert.deepEqual(pathsOf([{ name: 'd/', content: 'x' }]), ['skipped as folder with data: d/']);
});

test('the policy strip rejects a file if nothing of its name is left', () => {
  assert.match(pathsOf([{ name: '..', content: 'x' }], { unsafe: 'strip' })[0] ?? '', /^rejected/);
});

const marked: readonly (readonly [why: string, entry: ZipEntry, result: string])[] = [
  ['a directory bit and no bytes', { name: 'd', host: 0, directoryBit: true }, 'd/'],
  ['a directory bit and data', { name: 'd', host: 0, directoryBit: true, content: 'x' }, 'd'],
  ['the Unix type of a directory', { name: 'd', mode: 0o040755 }, 'd/'],
  ['the Unix type of a file and a directory bit', { name: 'd', directoryBit: true }, 'd'],
];

for (const [why, entry, result] of marked) {
  test(`an entry without a slash, with ${why}, is ${result}`, () => {
    assert.deepEqual(pathsOf([entry]), [result]);
  });
}

test('if the plan of an earlier version has no escape prefix, an invalid byte becomes %XX', () => {
  const rules = { charset: 'gb18030', twoByteUtf8: false, unsafe: 'fail' as const, strip: '' };
  const [record] = recordsOf(latin1('%FF\xff'));
  assert.ok(record);
  assert.deepEqual(entryActionReader(rules)(record), { action: 'extract', path: '%FF%FF', name: '%25FF%FF' });
});

test('continues a plan of an earlier version of Sluice by the rules of that plan', () => {
  const entries = [
    { name: utf8, host: 0 },
    { name: bytes('', 'b\\c'), host: 0 },
    { name: bytes('', 'b/.DS_Store'), host: 0 },
  ];
  const actionFor = entryActionReader({ charset: 'cp437', backslash: false, strip: '' });
  const paths = recordsOf(entries).map((record) => actionFor(record));
  assert.deepEqual(paths, [
    { action: 'extract', path: 'Σ╕ûτòî.txt' },
    { action: 'extract', path: 'b\\c' },
    { action: 'extract', path: 'b/.DS_Store' },
  ]);
});
