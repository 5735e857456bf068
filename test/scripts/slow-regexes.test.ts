import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadScript } from './load.ts';

const { slowRegexesIn } = await loadScript('slow-regexes');

const slow: readonly (readonly [literal: string, character: string])[] = [
  ['/\\/+$/', '\\/'],
  ['/^\\/+(?:events)?\\/*$/', '\\/'],
  ['/^(?:a+)+$/', 'a'],
  ['/,.*;/', ','],
];

for (const [literal, character] of slow)
  test(`the check finds ${literal}, which takes quadratic time or more`, async () => {
    assert.deepEqual(await slowRegexesIn(`const first = 1;\ntext.replace(${literal}, '');`), {
      checked: 1,
      slow: [{ line: 2, literal, character }],
    });
  });

for (const literal of [
  '/^\\/+(?:events\\/*)?$/',
  '/^(?=.*a)(?=.*b)/s',
  '/[a-z]+/g',
  '/"(?:[^"\\\\]|\\\\.)*$/y',
])
  test(`the check accepts ${literal}, which takes linear time`, async () => {
    assert.deepEqual(await slowRegexesIn(`${literal}.test(text)`), { checked: 1, slow: [] });
  });
