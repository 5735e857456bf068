import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEntryName } from '../../../domain/zip/entry-name.ts';

const files: readonly (readonly [raw: string, path: string])[] = [
  ['a', 'a'],
  ['a/b.txt', 'a/b.txt'],
  ['./a', 'a'],
  ['a/./b', 'a/b'],
  ['a//b', 'a/b'],
  ['...', '...'],
  ['a/.../b', 'a/.../b'],
  ['a/.. /b', 'a/.. /b'],
  ['..a/b..', '..a/b..'],
  ['a:b', 'a:b'],
  ['%2e%2e/x', '%2e%2e/x'],
  ['中文/文件.txt', '中文/文件.txt'],
  ['$(id).txt', '$(id).txt'],
  ['a\\b', 'a\\b'],
];

for (const [raw, path] of files) {
  test(`reads ${JSON.stringify(raw)} as the file ${path}`, () => {
    assert.deepEqual(checkEntryName(raw, false), { path, isDirectory: false });
  });
}

for (const [raw, path] of [
  ['a/', 'a'],
  ['a/b/', 'a/b'],
  ['a//', 'a'],
  ['a/./', 'a'],
] as const) {
  test(`reads ${raw} as the directory ${path}`, () => {
    assert.deepEqual(checkEntryName(raw, false), { path, isDirectory: true });
  });
}

for (const raw of ['/', './', '.', '//', './.']) {
  test(`reads ${raw} as the destination itself`, () => {
    assert.deepEqual(checkEntryName(raw, false), { path: '', isDirectory: true });
  });
}

for (const raw of ['a\nb', 'photos/Icon\r', 'a\u0001', 'a\u007f', 'a\u0085']) {
  test(`keeps the control character in ${JSON.stringify(raw)}`, () => {
    assert.deepEqual(checkEntryName(raw, false), { path: raw, isDirectory: false });
  });
}

test('drops NULs at the end of a name', () => {
  assert.deepEqual(checkEntryName('a.txt\0\0', false), { path: 'a.txt', isDirectory: false });
});

const unsafe = [
  '',
  '\0',
  '..',
  '../x',
  'a/../x',
  'a/..',
  'a/../../b',
  '/x',
  '//x',
  '\\\\srv\\x',
  '\\x',
  'C:/x',
  'c:\\x',
  'a\\..\\..\\b',
  '..\\x',
  'a/..\\x',
  'a\0b',
];

for (const raw of unsafe) {
  for (const backslashIsSlash of [false, true]) {
    const host = backslashIsSlash ? 'DOS' : 'Unix';
    test(`calls ${JSON.stringify(raw)} from ${host} unsafe`, () => {
      assert.ok('unsafe' in checkEntryName(raw, backslashIsSlash));
    });
  }
}

test('treats a backslash as a separator only on request', () => {
  assert.deepEqual(checkEntryName('a\\b', true), { path: 'a/b', isDirectory: false });
  assert.deepEqual(checkEntryName('a\\', true), { path: 'a', isDirectory: true });
});
