import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { detectEntryNameRules, entryNameReader } from '../../../domain/zip/entry-name-rules.ts';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { recordsOf } from './directory-of.ts';

const bytes = (hex: string, text = ''): Buffer =>
  Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from(text, 'latin1')]);
const UTF8 = 0x800;

/** Info-ZIP's extra field 0x7075: version 1, CRC-32 of the raw name, the name in UTF-8. */
function unicodePath(raw: Buffer, name: string, crc = crc32(raw)): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x7075, 0);
  field.writeUInt16LE(5 + Buffer.byteLength(name), 2);
  field.writeUInt8(1, 4);
  field.writeUInt32LE(crc, 5);
  return Buffer.concat([field, Buffer.from(name)]);
}

/** The paths of an archive called `base.zip`; a refused name shows as the reason. */
function pathsOf(entries: readonly ZipEntry[], { base = 'base', charset = 'gb18030' } = {}): string[] {
  const records = recordsOf(entries);
  const judge = entryNameReader(detectEntryNameRules(() => records, base, charset));
  return records.map((record) => {
    const verdict = judge(record);
    return 'refused' in verdict ? `refused: ${verdict.refused}` : verdict.path;
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
  ['a flagged name is UTF-8', [{ name: utf8, flags: UTF8 }], ['世界.txt']],
  [
    'unflagged names that are all UTF-8 are UTF-8',
    [{ name: utf8 }, { name: bytes('', 'a') }],
    ['世界.txt', 'a'],
  ],
  ['unflagged names in GBK', [{ name: gbk }], ['中文.txt']],
  ['a flagged and an unflagged name', [{ name: utf8, flags: UTF8 }, { name: gbk }], ['世界.txt', '中文.txt']],
  ['Shift JIS where that is preferred', [{ name: bytes('955c', '.txt') }], ['表.txt'], 'shift_jis'],
  ['CP437 where nothing else reads it', [{ name: bytes('81', '.txt') }], ['ü.txt']],
  ['CP437 where that is preferred', [{ name: bytes('d6d0') }], ['╓╨'], 'cp437'],
  ['a flag that lies counts for nothing', [{ name: gbk, flags: UTF8 }], ['中文.txt']],
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

test('the charset is decided for the archive: one name that is no UTF-8 decides for all', () => {
  const both = bytes('c2a1c2a1');
  assert.deepEqual(pathsOf([{ name: both }]), ['¡¡']);
  assert.deepEqual(pathsOf([{ name: both }, { name: gbk }])[1], '中文.txt');
  assert.notEqual(pathsOf([{ name: both }, { name: gbk }])[0], '¡¡');
});

const backslashes: readonly (readonly [
  name: string,
  entries: readonly ZipEntry[],
  paths: readonly string[],
  charset?: string,
])[] = [
  ['of DOS are slashes', [{ name: 'a\\b', host: 0 }], ['a/b']],
  ['of NTFS are slashes', [{ name: 'a\\b', host: 10 }], ['a/b']],
  ['of Unix are letters', [{ name: 'a\\b', host: 3 }], ['a\\b']],
  [
    'are letters when any name has a slash',
    [
      { name: 'a\\b', host: 0 },
      { name: 'c/d', host: 0 },
    ],
    ['a\\b', 'c/d'],
  ],
  [
    'of another host’s neighbour are letters',
    [
      { name: 'a\\b', host: 0 },
      { name: 'c', host: 3 },
    ],
    ['a\\b', 'c'],
  ],
  ['in GBK’s second bytes are none', [{ name: bytes('b05c', '.txt'), host: 0 }], ['癨.txt']],
  [
    'in Shift JIS’ second bytes are none',
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
  ['goes when it is the only one', ['base/a', 'base/b/c'], ['a', 'b/c']],
  ['goes with an entry of its own', ['base/', 'base/a'], ['', 'a']],
  ['goes behind a ./', ['./base/a'], ['a']],
  ['goes once', ['base/base/a'], ['base/a']],
  ['stays beside a file', ['base/a', 'readme'], ['base/a', 'readme']],
  ['stays beside __MACOSX', ['base/a', '__MACOSX/base/._a'], ['base/a', '__MACOSX/base/._a']],
  ['stays when it has another name', ['other/a'], ['other/a']],
  ['stays when it differs in case', ['Base/a'], ['Base/a']],
  ['stays when its name goes on', ['base2/a'], ['base2/a']],
  ['is not meant when it is a file', ['base'], ['base']],
];

for (const [name, names, paths] of tops) {
  test(`a top directory of the archive's own name ${name}`, () => {
    assert.deepEqual(pathsOf(names.map((entry) => ({ name: entry }))), paths);
  });
}

test('a name is judged before the top directory goes', () => {
  assert.match(pathsOf([{ name: 'base/../../x' }])[0] ?? '', /^refused/);
});
