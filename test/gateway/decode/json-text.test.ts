import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { childrenOf, jsonMemberText } from '../../../gateway/decode/json-text.ts';

const slices = (text: string) => childrenOf(text).map(({ key, start, end }) => [key, text.slice(start, end)]);

const texts: readonly (readonly [
  text: string,
  children: readonly (readonly [string | undefined, string])[],
])[] = [
  ['{}', []],
  [' [ ] ', []],
  ['5', []],
  ['"{"', []],
  [
    '[1,2]',
    [
      [undefined, '1'],
      [undefined, '2'],
    ],
  ],
  [
    '[ 1.0 ,\n"a,]" , [2,[3]] ,{"b":4}\t]',
    [
      [undefined, '1.0'],
      [undefined, '"a,]"'],
      [undefined, '[2,[3]]'],
      [undefined, '{"b":4}'],
    ],
  ],
  [
    '{"a":12345678901234567890,"b" : "\\"}" }',
    [
      ['a', '12345678901234567890'],
      ['b', '"\\"}"'],
    ],
  ],
  [
    '{"d\\u0061ta":null,"a":[{}]}',
    [
      ['data', 'null'],
      ['a', '[{}]'],
    ],
  ],
];

for (const [text, children] of texts) {
  test(`finds the children of ${text}`, () => assert.deepEqual(slices(text), children));
}

test('if several members have the same name, the last member counts, as in JSON.parse', () => {
  assert.equal(jsonMemberText('{"a":1,"a":2.0}', 'a'), '2.0');
  assert.equal(jsonMemberText('{"b":{"a":1}}', 'a'), undefined);
});

test('finds the same children as JSON.parse, with any white space', () => {
  const spaces = fc.constantFrom(undefined, 1, '\t', ' \n');
  fc.assert(
    fc.property(fc.json(), spaces, (written, space) => {
      const value = JSON.parse(written) as unknown;
      const text = JSON.stringify(value, null, space);
      const children = childrenOf(text).map(({ key, start, end }) => [
        key,
        JSON.parse(text.slice(start, end)),
      ]);
      const expected =
        typeof value !== 'object' || value === null
          ? []
          : Object.entries(value).map(([key, child]) => [Array.isArray(value) ? undefined : key, child]);
      assert.deepEqual(children, expected);
    }),
    { numRuns: 500, seed: 4 },
  );
});
