import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLines } from '../../../../domain/alerts/text/split-lines.ts';

const rows: readonly (readonly [what: string, lines: string[], maxBytes: number, parts: string[][]])[] = [
  ['no lines', [], 10, []],
  ['lines that fit exactly, with two bytes between them', ['abc', 'def'], 8, [['abc', 'def']]],
  ['lines with one byte too many', ['abc', 'def'], 7, [['abc'], ['def']]],
  ['characters of three bytes', ['汉字', '汉'], 11, [['汉字', '汉']]],
  ['characters of three bytes with one byte too many', ['汉字', '汉'], 10, [['汉字'], ['汉']]],
  ['three lines, two in a part', ['aaa', 'bbb', 'ccc'], 8, [['aaa', 'bbb'], ['ccc']]],
  ['a line that is too long alone', ['汉字汉字'], 10, [['汉字…']]],
  ['a line that is as long as allowed', ['汉字汉字'], 12, [['汉字汉字']]],
  ['an emoji of several code points, which is not cut', ['a👨‍👩‍👧b'], 19, [['a…']]],
];
for (const [what, lines, maxBytes, parts] of rows)
  test(`splits ${what}`, () => {
    assert.deepEqual(splitLines(lines, maxBytes), parts);
  });
