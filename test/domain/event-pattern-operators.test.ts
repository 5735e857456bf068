import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Dialect, firstMismatch, matches, PatternError } from '../../domain/event-pattern.ts';
import { parseExactJson } from '../../domain/exact-json.ts';
import { compilePattern } from '../support/compile-pattern.ts';

const withData = (json: string): unknown => ({ source: 's', data: parseExactJson(json) });

const check = (
  dialect: Dialect,
  pattern: unknown,
  { yes, no }: { yes: readonly string[]; no: readonly string[] },
): void => {
  const compiled = compilePattern(pattern, dialect);
  for (const json of yes) {
    assert.equal(matches(compiled, withData(json)), true, json);
    assert.equal(firstMismatch(compiled, withData(json)), undefined, json);
  }
  for (const json of no) {
    assert.equal(matches(compiled, withData(json)), false, json);
    assert.notEqual(firstMismatch(compiled, withData(json)), undefined, json);
  }
};

/** Conditions on the field `a`, with values that match and values that do not. */
const conditions: readonly (readonly [condition: string, yes: readonly string[], no: readonly string[]])[] = [
  ['{"equals-ignore-case":"AbC"}', ['"abc"', '"ABC"', '["x","aBc"]'], ['"ab"', '"abcd"', '5', 'null']],
  ['{"equals-ignore-case":"É"}', ['"é"'], ['"e"']],
  ['{"equals-ignore-case":"ß"}', ['"ß"'], ['"ss"', '"SS"']],
  ['{"prefix":{"equals-ignore-case":"AB"}}', ['"abc"', '"ABc"'], ['"cab"', '"a"']],
  ['{"suffix":{"equals-ignore-case":"BC"}}', ['"abc"', '"aBC"'], ['"bca"', '"c"']],
  ['{"wildcard":"a*c"}', ['"ac"', '"abc"', '"abcbc"'], ['"a"', '"acb"', '"bac"', '"c"', '5']],
  ['{"wildcard":"*"}', ['""', '"x"'], ['5', 'null']],
  ['{"wildcard":"abc"}', ['"abc"'], ['"abcd"', '"ab"']],
  ['{"wildcard":"ab*ba"}', ['"abba"', '"abxba"'], ['"aba"', '"ab"']],
  ['{"wildcard":"*a*b*"}', ['"ab"', '"xaxbx"', '"aab"'], ['"ba"', '"a"']],
  ['{"wildcard":"a*b*b"}', ['"abb"', '"axbxb"'], ['"ab"']],
  ['{"wildcard":"a\\\\*c"}', ['"a*c"'], ['"abc"', '"ac"']],
  ['{"wildcard":"a\\\\\\\\*"}', ['"a\\\\"', '"a\\\\x"'], ['"ax"']],
  ['{"wildcard":"*.zip"}', ['"a.zip"', '".zip"'], ['"a.zip.x"', '"zip"']],
  ['{"anything-but":{"prefix":["a","b"]}}', ['"c"', '5', '["a","c"]'], ['"ax"', '"b"', '["a","bx"]']],
  ['{"anything-but":{"suffix":["a","b"]}}', ['"c"'], ['"xa"', '"b"']],
  ['{"anything-but":{"equals-ignore-case":["A"]}}', ['"b"'], ['"a"', '"A"']],
  ['{"anything-but":{"equals-ignore-case":"A"}}', ['"b"'], ['"a"', '"A"']],
  ['{"anything-but":{"wildcard":"a*"}}', ['"b"', 'null'], ['"a"', '"ab"']],
  ['{"anything-but":{"wildcard":["a*","*z"]}}', ['"b"'], ['"a"', '"xz"']],
  ['{"cidr":"10.0.0.0/8"}', ['"10.255.0.1"'], ['"11.0.0.0"', '"::a00:1"', '"x"', '10']],
  ['{"cidr":"10.0.0.1"}', ['"10.0.0.1"'], ['"10.0.0.2"']],
  ['{"cidr":"0.0.0.0/0"}', ['"1.2.3.4"'], ['"::1"']],
  ['{"cidr":"2001:db8::/32"}', ['"2001:db8::1"', '"2001:DB8:ffff::"'], ['"2001:db9::"', '"10.0.0.1"']],
  ['{"cidr":"2001:db8::/33"}', ['"2001:db8:7fff::"'], ['"2001:db8:8000::"']],
  ['{"cidr":"::1"}', ['"::1"', '"0:0:0:0:0:0:0:1"'], ['"::2"', '"1::"']],
  ['{"cidr":"1::"}', ['"1::"', '"1:0:0:0:0:0:0:0"'], ['"::1"']],
  [
    '{"cidr":"::ffff:10.0.0.0/104"}',
    ['"::ffff:10.1.2.3"', '"::ffff:a01:203"'],
    ['"::ffff:11.0.0.0"', '"10.0.0.1"'],
  ],
  ['{"cidr":"::/0"}', ['"::"', '"ffff::"'], ['"10.0.0.1"', '"fe80::1%eth0"']],
  [
    '9007199254740993',
    ['9007199254740993', '9007199254740993.0', '9.007199254740993e15'],
    ['9007199254740992'],
  ],
  ['1', ['1', '1.0', '1e0', '10e-1', '0.1E1'], ['1.0000000000000000000001', '-1']],
  ['0', ['0', '-0', '0.0', '0e999999999999999999'], ['1e-400', '5e-8']],
  ['1e999999999999', ['1e999999999999', '10e999999999998'], ['1e999999999998', '2e999999999999']],
  ['{"numeric":[">",0]}', ['5e-8', '1e-400', '1e999999999'], ['0', '-5e-8', '-1e999999999', '0e5', '"1"']],
  ['{"numeric":["<",0.3]}', ['0.29999999999999999999999'], ['0.3', '0.30000000000000000000001']],
  ['{"numeric":[">",0,"<=",5]}', ['0.1', '5', '5.0'], ['0', '5.1', '[0,9]']],
];

for (const dialect of ['alibaba', 'aws'] as const)
  for (const [condition, yes, no] of conditions)
    test(`in the dialect ${dialect}, ${condition} matches ${yes.join(', ')} and not ${no.join(', ')}`, () =>
      check(
        dialect,
        { data: { a: [parseExactJson(condition)] } },
        { yes: yes.map((value) => `{"a":${value}}`), no: no.map((value) => `{"a":${value}}`) },
      ));

/** Where the dialects differ. AWS's verdicts are those of Event Ruler 1.8.1. */
const different: readonly (readonly [pattern: string, data: string, alibaba: boolean, aws: boolean])[] = [
  ['{"a":["5"]}', '{"a":5}', true, false],
  ['{"a":[5]}', '{"a":"5"}', true, false],
  ['{"a":["1"]}', '{"a":1.0}', true, false],
  ['{"a":["1.0"]}', '{"a":1.0}', true, false],
  ['{"a":["9007199254740992"]}', '{"a":9007199254740993}', false, false],
  ['{"a":["true"]}', '{"a":true}', true, false],
  ['{"a":[{"anything-but":5}]}', '{"a":"5"}', false, true],
  ['{"a":[{"numeric":["=",0]}]}', '{"a":5e-8}', true, false],
  ['{"a":[{"numeric":[">=",0]}]}', '{"a":-5e-8}', true, false],
  ['{"a":[{"exists":true}]}', '{"a":{"b":1}}', false, false],
  ['{"a":[{"exists":false}]}', '{"a":{"b":1}}', false, true],
  ['{"a":[{"exists":false}]}', '{"a":[]}', false, true],
  ['{"a":[{"exists":true}]}', '{"a":[]}', false, false],
  ['{"a":[{"anything-but":[1]}]}', '{"a":[1,[2]]}', false, true],
  ['{"a":[1]}', '{"a":[{"x":1},1]}', false, true],
  ['{"a":[1]}', '{"a":[[1]]}', false, true],
  ['{"a":{"b":[1]}}', '{"a":[{"b":1}]}', false, true],
  ['{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1,"c":2}]}', false, true],
  ['{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1},{"c":2}]}', false, false],
  ['{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1},[{"b":1,"c":2}]]}', false, true],
  ['{"a":{"x":{"p":[1]},"y":{"q":[2]}}}', '{"a":[{"x":[{"p":1}],"y":[{"q":2}]}]}', false, true],
  ['{"a":{"x":{"p":[1],"r":[3]}}}', '{"a":[{"x":[{"p":1},{"r":3}]}]}', false, false],
  ['{"a":{"b":[{"exists":false}]}}', '{"a":[{"c":1}]}', true, true],
  ['{"a":{"b":[{"exists":false}]}}', '{"a":[{"c":1},{"b":1}]}', true, false],
  ['{"a":{"b":[{"exists":false}],"c":[1]}}', '{"a":[{"c":1},{"b":1}]}', false, false],
  ['{"a":{"b":[{"exists":false}]}}', '{"a":5}', true, true],
  ['{"a":{"b":[{"exists":false},5]}}', '{"a":{"b":5}}', true, true],
  ['{"a":{"b":[1]},"$or":[{"a":{"c":[2]}},{"a":{"c":[3]}}]}', '{"a":[{"b":1},{"c":2}]}', false, false],
  ['{"a":{"b":[1]},"$or":[{"a":{"c":[2]}},{"a":{"c":[3]}}]}', '{"a":[{"b":1,"c":3}]}', false, true],
];

for (const [pattern, data, alibaba, aws] of different)
  test(`${pattern} matches ${data}: ${alibaba} in the dialect alibaba, ${aws} in the dialect aws`, () => {
    for (const [dialect, expected] of [
      ['alibaba', alibaba],
      ['aws', aws],
    ] as const)
      check(
        dialect,
        { data: parseExactJson(pattern) },
        expected ? { yes: [data], no: [] } : { yes: [], no: [data] },
      );
  });

test('aws allows an empty prefix and limits over 1e9', () => {
  check('aws', { data: { a: [{ prefix: '' }] } }, { yes: ['{"a":""}', '{"a":"x"}'], no: ['{"a":5}'] });
  check('aws', { data: { a: [{ numeric: ['>', 1e10] }] } }, { yes: ['{"a":2e10}'], no: ['{"a":1e10}'] });
  assert.throws(() => compilePattern({ data: { a: [{ numeric: ['>', '1'] }] } }, 'aws'), PatternError);
});

for (const dialect of ['alibaba', 'aws'] as const) {
  test(`in the dialect ${dialect}, an event must match one pattern of each $or, at every level`, () => {
    const pattern = {
      $or: [{ source: ['s'] }, { type: ['t'] }],
      data: { a: [1], $or: [{ b: [2], c: [3] }, { $or: [{ d: [4] }, { e: { f: [5] } }] }] },
    };
    check(dialect, pattern, {
      yes: ['{"a":1,"b":2,"c":3}', '{"a":1,"d":4}', '{"a":1,"e":{"f":5}}'],
      no: ['{"a":1}', '{"a":1,"b":2}', '{"a":2,"d":4}', '{"d":4}', '{"a":1,"e":{"f":6}}'],
    });
    assert.equal(matches(compilePattern(pattern, dialect), { source: 'x', data: { a: 1, d: 4 } }), false);
  });

  test(`in the dialect ${dialect}, data may have a field with the name $or`, () =>
    check(
      dialect,
      { data: { $or: [1, { prefix: 'x' }] } },
      { yes: ['{"$or":1}', '{"$or":"xy"}'], no: ['{}'] },
    ));

  test(`in the dialect ${dialect}, the first mismatch in $or shows the values of its fields`, () =>
    assert.deepEqual(
      firstMismatch(
        compilePattern({ source: ['s'], data: { $or: [{ a: [1] }, { b: { c: [2] } }] } }, dialect),
        withData('{"a":5}'),
      ),
      {
        path: 'data.$or',
        expected: [{ a: [1] }, { b: { c: [2] } }],
        actual: { 'data.a': 5, 'data.b.c': null },
      },
    ));
}

test('in the dialect aws, the first mismatch shows the array in which no element matches all fields', () =>
  assert.deepEqual(
    firstMismatch(
      compilePattern({ data: { items: { sku: ['a'], count: [2] } } }, 'aws'),
      withData('{"items":[{"sku":"a","count":1},{"sku":"b","count":2}]}'),
    ),
    {
      path: 'data.items',
      expected: { 'data.items.sku': ['a'], 'data.items.count': [2] },
      actual: [
        { sku: 'a', count: 1 },
        { sku: 'b', count: 2 },
      ],
    },
  ));

test('a pattern with more than 1,000 combinations of $or is a mistake', () => {
  const ors = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, { $or: [{ a: [1] }, { b: [2] }] }]));
  compilePattern({ data: ors(9) }, 'aws');
  assert.throws(() => compilePattern({ data: ors(10) }, 'aws'), /at most 1000 combinations of \$or/);
  const tens = Array.from({ length: 10 }, (_, n) => ({ a: [n] }));
  const thousand = { x: { $or: tens }, y: { $or: tens }, z: { $or: tens } };
  compilePattern({ data: thousand }, 'aws');
  assert.throws(
    () => compilePattern({ data: { ...thousand, x: { $or: [...tens, { a: [10] }] } } }, 'aws'),
    /at most 1000 combinations of \$or/,
  );
});

test('in the dialect aws, the first mismatch shows the array that several fields share, not another array', () =>
  assert.deepEqual(
    firstMismatch(
      compilePattern({ data: { a: { x: [1] }, b: { y: [1], z: [2] } } }, 'aws'),
      withData('{"a":[{"x":1}],"b":[{"y":1},{"z":2}]}'),
    ),
    { path: 'data.b', expected: { 'data.b.y': [1], 'data.b.z': [2] }, actual: [{ y: 1 }, { z: 2 }] },
  ));

test('in the dialect aws, the first mismatch shows the values in the objects of nested arrays', () =>
  assert.deepEqual(
    firstMismatch(
      compilePattern({ data: { a: { b: { c: [9] } } } }, 'aws'),
      withData('{"a":[{"b":[{"c":1},{"c":2}]},{"b":[{"c":3}]}]}'),
    ),
    { path: 'data.a.b.c', expected: [9], actual: [[1, 2], [3]] },
  ));

test('a wildcard with many * ends on a long text', { timeout: 60_000 }, () => {
  const pattern = compilePattern({ data: { a: [{ wildcard: `${'*a'.repeat(200)}b` }] } });
  assert.equal(matches(pattern, { data: { a: 'a'.repeat(100_000) } }), false);
});

test('in the dialect aws, a pattern with a missing field ends on an array with many objects', {
  timeout: 300_000,
}, () => {
  const pattern = compilePattern({ data: { a: { b: [{ exists: false }], c: [1] } } }, 'aws');
  const objects = Array.from({ length: 200_000 }, () => ({ c: 2 }));
  assert.equal(matches(pattern, { data: { a: objects } }), false);
  assert.equal(matches(pattern, { data: { a: [...objects, { c: 1 }] } }), true);
});
