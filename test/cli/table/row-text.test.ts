import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyText, rowText } from '../../../cli/table/row-text.ts';
import type { CellValue, KeyValue } from '../../../ots/wire/row.ts';

const keyOf = (values: Readonly<Record<string, KeyValue>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const shown: readonly (readonly [value: CellValue, text: string])[] = [
  ['5', 'c=5'],
  [5n, 'c:=5'],
  [5, 'c:=5.0'],
  [1.5, 'c:=1.5'],
  [-0, 'c:=-0.0'],
  [1e21, 'c:=1e+21'],
  [true, 'c:=true'],
  ['true', 'c=true'],
  ['小雨', 'c=小雨'],
  ['a b', 'c="a b"'],
  ['a  b ', 'c="a  b "'],
  ['a=b', 'c="a=b"'],
  ['say "a"', 'c="say \\"a\\""'],
  ['', 'c=""'],
  ['a\nb', 'c="a\\nb"'],
  ['a\u001b[2Jb', 'c="a\\u001b[2Jb"'],
  ['a\u009bb\u202eb\u2028', 'c="a\\u009bb\\u202eb\\u2028"'],
  [Buffer.from('hi'), 'c:={"binary":"aGk="}'],
  [Buffer.alloc(1_000), 'c:=<1000 bytes>'],
  ['<1000 bytes>', 'c="<1000 bytes>"'],
  ['x'.repeat(60), `c=${'x'.repeat(60)}`],
  ['x'.repeat(61), `c=${'x'.repeat(59)}…`],
  ['a '.repeat(40), `c="${'a '.repeat(29)}a"…`],
];

test('shows a column in input form, and quotes a text if a reader could not see where it ends', () => {
  for (const [value, text] of shown)
    assert.equal(
      rowText({ primaryKey: keyOf({ k: 'a' }), cells: [{ name: 'c', value }] }),
      `a  ${text}`,
      text,
    );
});

test('keys that differ look different', () => {
  const lines = [
    keyOf({ k: '5', l: 'b' }),
    keyOf({ k: 5n, l: 'b' }),
    keyOf({ k: '5 b', l: '' }),
    keyOf({ k: '5', l: ' b' }),
    keyOf({ k: Buffer.from('5'), l: 'b' }),
    keyOf({ k: Buffer.from('6'), l: 'b' }),
    keyOf({ k: 'k:=5', l: 'b' }),
  ].map((key) => keyText(key));
  assert.deepEqual(lines, [
    '5 b',
    'k:=5 b',
    '"5 b" ""',
    '5 " b"',
    'k:={"binary":"NQ=="} b',
    'k:={"binary":"Ng=="} b',
    '"k:=5" b',
  ]);
});
