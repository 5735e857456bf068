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

const refused = [
  '',
  '.',
  './',
  '/',
  '//',
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
  'nul\u0000',
  'a\nb',
  'a\rb',
  'a\u0001',
  'a\u001f',
  'a\u007f',
  'a\u0085',
  'a\u009f',
];

for (const raw of refused) {
  for (const backslashIsSlash of [false, true]) {
    const host = backslashIsSlash ? 'DOS' : 'Unix';
    test(`rejects ${JSON.stringify(raw)} from ${host}, and does not clean it`, () => {
      assert.ok('refused' in checkEntryName(raw, backslashIsSlash));
    });
  }
}

test('treats a backslash as a separator only on request', () => {
  assert.deepEqual(checkEntryName('a\\b', true), { path: 'a/b', isDirectory: false });
  assert.deepEqual(checkEntryName('a\\', true), { path: 'a', isDirectory: true });
});
