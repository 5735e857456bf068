import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalNumberText, compareNumbers } from '../../domain/compare-numbers.ts';
import {
  ExactNumber,
  numberText,
  parseExactJson,
  stringifyExactJson,
  toJsonNumber,
} from '../../domain/exact-json.ts';

const unchanged = [
  '9007199254740993',
  '-9007199254740993',
  '1.0',
  '1.50',
  '-0',
  '1e5',
  '1E+5',
  '1e400',
  '1e-400',
  '0.1234567890123456789',
  '0.10',
  '9.0',
  '[1,2.0]',
  '[1.0,2,{"a":[3.0],"b":"1.0"},[],{},null,true,false,"\\"1.0"]',
  '{"a":1.0,"__proto__":{"b":2.0},"":{"":3.0}}',
  '{"text":"9007199254740993","n":9007199254740993}',
  '[[[[1.0]]],{"x":{"y":{"z":1.0}}}]',
];

for (const text of unchanged)
  test(`parses and writes ${text} without a change`, () =>
    assert.equal(stringifyExactJson(parseExactJson(text)), text));

test('a number is a JavaScript number if JavaScript writes it with the same text', () => {
  const value = parseExactJson(' { "a" : [ 1 , -2.5 , 1e+21 , 0 ] , "b" : "x" } ');
  assert.deepEqual(value, { a: [1, -2.5, 1e21, 0], b: 'x' });
});

test('reads JSON with spaces, escapes and repeated members as JSON.parse does, but for the numbers', () => {
  const text =
    ' { "a\\u0041\\"" : [ 1.0 ,\n "b\\\\" , { } , [ ] ] ,\t "x" : 1.0 , "x" : true , "y" : null , "z" : false } ';
  assert.deepEqual(JSON.parse(JSON.stringify(parseExactJson(text))), JSON.parse(text));
  assert.deepEqual(parseExactJson('{"x":1.0,"x":2.0}'), { x: new ExactNumber('2.0') });
});

for (const text of ['', '{', '[1.0', '01.0', '1.0.0', '+1', '{"a":1.0,}', 'NaN', '"'])
  test(`rejects ${JSON.stringify(text)} as JSON.parse does`, () =>
    assert.throws(() => parseExactJson(text), SyntaxError));

test('JSON.stringify writes the rounded number', () =>
  assert.equal(JSON.stringify({ n: new ExactNumber('9007199254740993') }), '{"n":9007199254740992}'));

test('writes JSON with indentation as JSON.stringify does', () => {
  for (const value of [{ a: [1, { b: [] }], c: {}, d: 'x', e: undefined }, [], 'x', [[1]]])
    assert.equal(stringifyExactJson(value, '  '), JSON.stringify(value, undefined, 2));
  const exact = { a: [new ExactNumber('1.0'), { b: [2, 3] }, undefined], c: undefined, d: { e: 1 } };
  const plain = { a: [1, { b: [2, 3] }, undefined], c: undefined, d: { e: 1 } };
  const expected = JSON.stringify(plain, undefined, 2).replace('1,', '1.0,');
  assert.equal(stringifyExactJson(exact, '  '), expected);
  assert.equal(stringifyExactJson(exact), JSON.stringify(plain).replace('1,', '1.0,'));
});

/** Numbers in ascending order; the numbers in one list are equal. */
const ascending: readonly (readonly string[])[] = [
  ['-1e999999999999'],
  ['-9007199254740993', '-9007199254740993.000'],
  ['-9007199254740992', '-9.007199254740992e15'],
  ['-10', '-1e1', '-1E+1'],
  ['-1.5'],
  ['-1', '-1.0', '-10e-1'],
  ['-1e-400'],
  ['0', '-0', '0.000', '0e999999999999', '-0e5'],
  ['1e-400', '0.1e-399'],
  ['5e-8', '0.00000005'],
  ['0.3'],
  ['0.30000000000000000000000000001'],
  ['1', '1.0', '1e0', '0.1e1', '100e-2'],
  ['9'],
  ['10', '1e1'],
  ['9007199254740992'],
  ['9007199254740993', '9007199254740993.0', '900719925474099.3e1'],
  ['1e400', '10e399'],
  ['1e999999999999'],
];

test('compares numbers by value', () => {
  const flat = ascending.flatMap((texts, rank) =>
    texts.map((text) => ({ rank, number: toJsonNumber(text) })),
  );
  for (const a of flat)
    for (const b of flat)
      assert.equal(
        Math.sign(compareNumbers(a.number, b.number)),
        Math.sign(a.rank - b.rank),
        `${numberText(a.number)} ${numberText(b.number)}`,
      );
});

test('numbers with exponents of more than 300 digits are equal only if their texts are', () => {
  const huge = toJsonNumber(`1e${'9'.repeat(301)}`);
  assert.equal(compareNumbers(huge, toJsonNumber(`1e${'9'.repeat(301)}`)), 0);
  assert.ok(Number.isNaN(compareNumbers(huge, 1)));
  assert.ok(Number.isNaN(compareNumbers(toJsonNumber(`1e${'8'.repeat(301)}`), huge)));
  assert.equal(
    compareNumbers(toJsonNumber(`1e${'9'.repeat(300)}`), toJsonNumber(`10e${'9'.repeat(299)}8`)),
    0,
  );
  assert.equal(canonicalNumberText(huge), numberText(huge));
});

test('equal numbers have the same canonical text, which is that of JavaScript if a double has this value', () => {
  for (const texts of ascending)
    assert.equal(new Set(texts.map((text) => canonicalNumberText(toJsonNumber(text)))).size, 1, texts.join());
  assert.equal(canonicalNumberText(toJsonNumber('1.50')), '1.5');
  assert.equal(canonicalNumberText(toJsonNumber('1e2')), '100');
  assert.notEqual(
    canonicalNumberText(toJsonNumber('9007199254740993')),
    canonicalNumberText(toJsonNumber('9007199254740992')),
  );
});
