import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../gateway/decode/json-text.ts';
import { measureJson, parsingWeight } from '../../../gateway/decode/measure-json.ts';

for (const [text, depth, containers, members, values] of [
  ['', 0, 0, 0, 1],
  ['"[[[,:"', 0, 0, 0, 1],
  ['"\\",[",1', 0, 0, 0, 2],
  ['"a\\\\",[1', 1, 1, 0, 3],
  ['[{"a":["[[[", {}]}, []]', 4, 5, 1, 8],
  ['{"é,":1,"b":"', 1, 1, 2, 3],
] as const)
  test(`measures ${text === '' ? 'an empty text' : text}: strings are skipped`, () =>
    assert.deepEqual(measureJson(Buffer.from(text)), { depth, containers, members, values }));

const list = (item: string, count: number): Buffer =>
  Buffer.from(`[${Array.from({ length: count }, () => item).join()}]`);

const objectOf = (members: number): Buffer =>
  Buffer.from(`{${Array.from({ length: members }, (_, n) => `"${n}":1`).join()}}`);

test('accepts the maximum number of members, and rejects one more', () => {
  assert.ok(parseJson(objectOf(65_000)).value);
  const message = 'the body has 65001 members; allowed: at most 65000';
  assert.throws(() => parseJson(objectOf(65_001)), { status: 413, message });
});

for (const [unit, item, atLimit, sentence] of [
  ['values', '1', 199_999, 'the body has 200001 values; allowed: at most 200000'],
  ['arrays and objects', '[]', 49_999, 'the body has 50001 arrays and objects; allowed: at most 50000'],
] as const)
  test(`accepts the maximum number of ${unit}, and rejects one more`, () => {
    assert.ok(parseJson(list(item, atLimit - 1)).value);
    assert.ok(parseJson(list(item, atLimit)).value);
    assert.throws(() => parseJson(list(item, atLimit + 1)), { status: 413, message: sentence });
  });

test('the number of levels is at most 200', () => {
  const nested = (levels: number): Buffer => Buffer.from(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  assert.ok(parseJson(nested(200)).value);
  assert.throws(() => parseJson(nested(201)), { status: 400 });
});

for (const [what, body, weight] of [
  ['a text', Buffer.from('"some text"'), 11],
  ['half of the values', list('1', 99_999), 500_000],
  ['half of the arrays', list('[]', 24_999), 500_000],
  ['a fifth of the members', list('{"a":1,"b":2}', 6_500), 200_000],
  ['too many values', list('1', 400_000), 1_000_000],
  ['a body over the capacity', Buffer.alloc(1_000_001), 1_000_001],
] as const)
  test(`in a queue of 1,000,000, ${what} has the weight ${weight}`, () =>
    assert.equal(parsingWeight(body, 1_000_000), weight));
