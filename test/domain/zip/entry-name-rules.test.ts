import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { detectEntryNameRules, entryNameReader } from '../../../domain/zip/entry-name-rules.ts';
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

/** Returns the paths in an archive called `base.zip`. For a rejected name, the reason. */
function pathsOf(entries: readonly ZipEntry[], { base = 'base', charset = 'gb18030' } = {}): string[] {
  const records = recordsOf(entries);
  const readName = entryNameReader(detectEntryNameRules(() => records, base, charset));
  return records.map((record) => {
    const verdict = readName(record);
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
  ['reads CP437 if no other charset fits', [{ name: bytes('81', '.txt') }], ['ü.txt']],
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

test('decides the charset for the whole archive: one name that is not UTF-8 decides for all', () => {
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
  ['from DOS are slashes', [{ name: 'a\\b', host: 0 }], ['a/b']],
  ['from NTFS are slashes', [{ name: 'a\\b', host: 10 }], ['a/b']],
  ['from Unix are letters', [{ name: 'a\\b', host: 3 }], ['a\\b']],
  [
    'are letters if any name has a slash',
    [
      { name: 'a\\b', host: 0 },
      { name: 'c/d', host: 0 },
    ],
    ['a\\b', 'c/d'],
  ],
  [
    'are letters if any entry is from another host',
    [
      { name: 'a\\b', host: 0 },
      { name: 'c', host: 3 },
    ],
    ['a\\b', 'c'],
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
  ['is dropped if it is the only one', ['base/a', 'base/b/c'], ['a', 'b/c']],
  ['is dropped with its own entry', ['base/', 'base/a'], ['', 'a']],
  ['is dropped after a ./', ['./base/a'], ['a']],
  ['is dropped once', ['base/base/a'], ['base/a']],
  ['stays next to a file', ['base/a', 'readme'], ['base/a', 'readme']],
  ['stays next to __MACOSX', ['base/a', '__MACOSX/base/._a'], ['base/a', '__MACOSX/base/._a']],
  ['stays if it has another name', ['other/a'], ['other/a']],
  ['stays if it differs in case', ['Base/a'], ['Base/a']],
  ['stays if its name is longer', ['base2/a'], ['base2/a']],
  ['stays if it is a file', ['base'], ['base']],
];

for (const [name, names, paths] of tops) {
  test(`a top-level directory with the archive's name ${name}`, () => {
    assert.deepEqual(pathsOf(names.map((entry) => ({ name: entry }))), paths);
  });
}

test('checks a name before it drops the top-level directory', () => {
  assert.match(pathsOf([{ name: 'base/../../x' }])[0] ?? '', /^refused/);
});
