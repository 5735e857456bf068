import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../cli/command.ts';
import { readJsonValue, toJsonValue } from '../../../cli/table/json-value.ts';
import type { CellValue } from '../../../ots/wire/row.ts';

/** The input, its value, and how the value is shown. */
const cases: readonly (readonly [typed: string, value: CellValue, shown: unknown])[] = [
  ['5', 5n, 5],
  ['-5', -5n, -5],
  ['9007199254740991', 9_007_199_254_740_991n, 9_007_199_254_740_991],
  ['9007199254740993', 9_007_199_254_740_993n, { integer: '9007199254740993' }],
  ['-9223372036854775808', -(2n ** 63n), { integer: '-9223372036854775808' }],
  ['{"integer": "5"}', 5n, 5],
  ['1.5', 1.5, 1.5],
  ['1e-7', 1e-7, 1e-7],
  ['1e3', 1_000, { double: '1000' }],
  ['1000.0', 1_000, { double: '1000' }],
  ['-0.0', -0, { double: '-0' }],
  ['1e21', 1e21, { double: '1e+21' }],
  ['1.7976931348623157e308', Number.MAX_VALUE, { double: '1.7976931348623157e+308' }],
  ['5e-324', Number.MIN_VALUE, 5e-324],
  ['{"double": "1.5"}', 1.5, 1.5],
  ['true', true, true],
  ['false', false, false],
  ['"5"', '5', '5'],
  ['""', '', ''],
  ['"晴 \\n"', '晴 \n', '晴 \n'],
  ['{"binary": "aGk="}', Buffer.from('hi'), { binary: 'aGk=' }],
  ['{"binary": ""}', Buffer.alloc(0), { binary: '' }],
];

test('a value is parsed from JSON and shown as JSON that parses to the same value', () => {
  for (const [typed, value, shown] of cases) {
    assert.deepStrictEqual(readJsonValue('c', typed), value, typed);
    assert.deepStrictEqual(toJsonValue(value), shown, typed);
    assert.deepStrictEqual(readJsonValue('c', JSON.stringify(shown)), value, typed);
  }
});

const wrong: readonly (readonly [typed: string, sentence: RegExp])[] = [
  ['9223372036854775808', /^c:=9223372036854775808 has more than 64 bits/],
  ['{"integer": "9223372036854775808"}', /has more than 64 bits/],
  ...[
    ...['', ' ', 'null', '[]', '[1]', '{}', '{"a": 1}', '{"integer": 5}', '{"integer": "1.5"}', 'NaN'],
    ...['1e999', '{"double": "NaN"}', '{"double": ""}', '{"double": "x"}', '{"binary": "?"}', 'yes'],
    ...['{"binary": "aGk"}', '{"integer": "5", "double": "5"}', '"half', '0x10', '{"toString": "5"}'],
  ].map((typed) => [typed, /is not a valid value; allowed: an integer, 1\.5, true/] as const),
];

test('a value that no column can hold is rejected in a sentence that names it', () => {
  for (const [typed, sentence] of wrong)
    assert.throws(
      () => readJsonValue('c', typed),
      (error) => error instanceof UsageError && sentence.test(error.message),
      typed,
    );
  assert.throws(
    () => readJsonValue('c', 'x'.repeat(10_000)),
    (error) => error instanceof UsageError && error.message.length < 300,
  );
});
