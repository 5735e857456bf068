import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstMismatch, matches, PatternError } from '../../domain/event-pattern.ts';
import { compilePattern } from '../support/compile-pattern.ts';

const event = {
  specversion: '1.0',
  id: '1',
  source: 'acs.oss',
  type: 'oss:ObjectCreated:PutObject',
  subject: 'acs:oss:cn-hangzhou:1:eb-ask/zip/demo.zip',
  data: {
    name: 'demo.zip',
    empty: '',
    nothing: null,
    count: 300,
    ratio: 0.1 + 0.2,
    tiny: 1e-7,
    yes: true,
    ip: '10.0.0.7',
    tags: ['a', 'b', 3, null],
    mixed: ['a', { b: 1 }],
    none: [],
    deep: { er: { value: 'x' } },
  },
};

const rows: readonly (readonly [name: string, pattern: unknown, matches: boolean])[] = [
  ['the empty pattern', {}, true],
  ['an equal attribute', { source: ['acs.oss'] }, true],
  ['another attribute', { source: ['acs.rds'] }, false],
  ['a different case', { source: ['ACS.OSS'] }, false],
  ['one of several values', { source: ['x', 'acs.oss'] }, true],
  ['an event with only one of two required values', { source: ['acs.oss'], type: ['x'] }, false],
  ['a missing attribute', { aliyunregionid: ['x'] }, false],
  ['prefix', { type: [{ prefix: 'oss:ObjectCreated:' }] }, true],
  ['prefix of something else', { type: [{ prefix: 'ObjectCreated' }] }, false],
  ['prefix on a number', { data: { count: [{ prefix: '3' }] } }, false],
  ['suffix', { subject: [{ suffix: '.zip' }] }, true],
  ['suffix in another case', { subject: [{ suffix: '.ZIP' }] }, false],
  ['one of two suffixes', { subject: [{ suffix: '.ZIP' }, { suffix: '.zip' }] }, true],
  ['contains', { data: { name: [{ contains: 'mo.z' }] } }, true],
  ['contains another text', { data: { name: [{ contains: 'zz' }] } }, false],
  ['a nested field', { data: { deep: { er: { value: ['x'] } } } }, true],
  ['a missing nested field', { data: { deep: { other: { value: ['x'] } } } }, false],
  ['a nested field inside an array', { data: { mixed: { b: [1] } } }, false],
  ['an object at a leaf', { data: { deep: [{ exists: true }] } }, false],
  ['an object at a leaf against anything-but', { data: { deep: [{ 'anything-but': 'x' }] } }, false],
  ['the empty string', { data: { empty: [''] } }, true],
  ['the empty string against null', { data: { empty: [null] } }, false],
  ['null', { data: { nothing: [null] } }, true],
  ['null against the string null', { data: { nothing: ['null'] } }, false],
  ['a missing field against null', { data: { absent: [null] } }, false],
  ['a number', { data: { count: [300] } }, true],
  ['a number as a string', { data: { count: ['300'] } }, true],
  ['a boolean', { data: { yes: [true] } }, true],
  ['an array with an equal element', { data: { tags: ['b'] } }, true],
  ['an array with a null', { data: { tags: [null] } }, true],
  ['an array without the value', { data: { tags: ['c'] } }, false],
  ['an array with an object', { data: { mixed: ['a'] } }, false],
  ['an array with another element against anything-but', { data: { tags: [{ 'anything-but': 'a' }] } }, true],
  ['anything-but another value', { data: { name: [{ 'anything-but': 'x' }] } }, true],
  ['anything-but this value', { data: { name: [{ 'anything-but': 'demo.zip' }] } }, false],
  ['anything-but a list', { data: { name: [{ 'anything-but': ['x', 'demo.zip'] }] } }, false],
  ['anything-but a prefix', { data: { name: [{ 'anything-but': { prefix: 'x' } }] } }, true],
  ['anything-but this prefix', { data: { name: [{ 'anything-but': { prefix: 'demo' } }] } }, false],
  ['anything-but this suffix', { data: { name: [{ 'anything-but': { suffix: '.zip' } }] } }, false],
  ['anything-but on a missing field', { data: { absent: [{ 'anything-but': 'x' }] } }, false],
  ['anything-but on null', { data: { nothing: [{ 'anything-but': 'x' }] } }, true],
  ['anything-but null on null', { data: { nothing: [{ 'anything-but': null }] } }, false],
  ['numeric equal', { data: { count: [{ numeric: ['=', 300] }] } }, true],
  ['numeric equal except for rounding', { data: { ratio: [{ numeric: ['=', 0.3] }] } }, true],
  [
    'numeric equal, with a difference at the threshold',
    { data: { tiny: [{ numeric: ['=', 0, '>=', 0] }] } },
    true,
  ],
  ['numeric above, with a difference at the threshold', { data: { tiny: [{ numeric: ['>', 0] }] } }, true],
  ['numeric below, with a difference at the threshold', { data: { tiny: [{ numeric: ['<', 0] }] } }, false],
  [
    'numeric unequal, with a difference at the threshold',
    { data: { tiny: [{ numeric: ['!=', 0] }] } },
    false,
  ],
  ['numeric unequal', { data: { count: [{ numeric: ['!=', 300] }] } }, false],
  ['numeric between', { data: { count: [{ numeric: ['>', 0, '<=', 300] }] } }, true],
  ['numeric below', { data: { count: [{ numeric: ['<', 300] }] } }, false],
  ['numeric at least', { data: { count: [{ numeric: ['>=', 301] }] } }, false],
  ['numeric on a string', { data: { name: [{ numeric: ['>=', 0] }] } }, false],
  ['cidr inside', { data: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
  ['cidr outside', { data: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
  ['cidr of everything', { data: { ip: [{ cidr: '0.0.0.0/0' }] } }, true],
  ['cidr of one address', { data: { ip: [{ cidr: '10.0.0.7' }] } }, true],
  ['cidr on a string that is not an address', { data: { name: [{ cidr: '0.0.0.0/0' }] } }, false],
  ['exists', { data: { name: [{ exists: true }] } }, true],
  ['exists on null', { data: { nothing: [{ exists: true }] } }, true],
  ['exists false on a missing field', { data: { absent: [{ exists: false }] } }, true],
  ['exists false on a present field', { data: { name: [{ exists: false }] } }, false],
  ['exists true on a missing field', { data: { absent: [{ exists: true }] } }, false],
  ['exists on an empty array', { data: { none: [{ exists: true }] } }, false],
  ['a name that objects inherit', { data: { constructor: [{ exists: true }] } }, false],
];

for (const [name, pattern, expected] of rows) {
  test(`${name} ${expected ? 'matches' : 'does not match'}`, () => {
    assert.equal(matches(compilePattern(pattern), event), expected);
    assert.equal(firstMismatch(compilePattern(pattern), event) === undefined, expected);
  });
}

const mistakes: readonly (readonly [name: string, pattern: unknown, path: string])[] = [
  ['an array', [], ''],
  ['null', null, ''],
  ['an unknown top-level key', { 'detail-type': ['x'] }, 'detail-type'],
  ['$or', { $or: [] }, '$or'],
  ['an attribute without an array', { source: 'acs.oss' }, 'source'],
  ['an object as an attribute', { source: { prefix: 'x' } }, 'source'],
  ['an empty array', { source: [] }, 'source'],
  ['data as an array', { data: ['x'] }, 'data'],
  ['data as an empty object', { data: {} }, 'data'],
  ['an empty object inside data', { data: { oss: {} } }, 'data.oss'],
  ['a bare value inside data', { data: { oss: 'x' } }, 'data.oss'],
  ['an empty array inside data', { data: { oss: [] } }, 'data.oss'],
  ['a nested array', { data: { oss: ['a', ['b']] } }, 'data.oss[1]'],
  ['two operators', { source: [{ prefix: 'a', suffix: 'b' }] }, 'source[0]'],
  ['no operator', { source: [{}] }, 'source[0]'],
  ['an unknown operator', { source: [{ matches: '*' }] }, 'source[0].matches'],
  ['a wildcard with two * in a row', { source: [{ wildcard: 'a**' }] }, 'source[0].wildcard'],
  ['a wildcard that begins with two *', { source: [{ wildcard: '**' }] }, 'source[0].wildcard'],
  ['a wildcard with an unknown escape', { source: [{ wildcard: 'a\\x' }] }, 'source[0].wildcard'],
  ['a wildcard that ends with \\', { source: [{ wildcard: 'a\\' }] }, 'source[0].wildcard'],
  ['an empty wildcard', { source: [{ wildcard: '' }] }, 'source[0].wildcard'],
  [
    'equals-ignore-case with a number',
    { source: [{ 'equals-ignore-case': 1 }] },
    'source[0].equals-ignore-case',
  ],
  ['a prefix with another operator', { source: [{ prefix: { wildcard: 'a' } }] }, 'source[0].prefix'],
  ['$or without a list', { $or: { source: ['a'] } }, '$or'],
  ['$or with one pattern', { $or: [{ source: ['a'] }] }, '$or'],
  ['$or with a value', { $or: [{ source: ['a'] }, 'b'] }, '$or[1]'],
  ['$or with an empty pattern', { $or: [{ source: ['a'] }, {}] }, '$or[1]'],
  ['a mistake in $or', { $or: [{ source: ['a'] }, { type: [] }] }, '$or[1].type'],
  ['$or in data with one pattern', { data: { $or: [{ a: [1] }] } }, 'data.$or'],
  ['a mistake in $or in data', { data: { x: { $or: [{ a: [1] }, { b: 2 }] } } }, 'data.x.$or[1].b'],
  ['an empty prefix', { source: [{ prefix: '' }] }, 'source[0].prefix'],
  ['an empty suffix', { source: [{ suffix: '' }] }, 'source[0].suffix'],
  ['an empty contains', { source: [{ contains: '' }] }, 'source[0].contains'],
  ['a prefix that is not a string', { source: [{ prefix: 1 }] }, 'source[0].prefix'],
  ['exists with a string', { source: [{ exists: 'true' }] }, 'source[0].exists'],
  ['an empty anything-but', { source: [{ 'anything-but': [] }] }, 'source[0].anything-but'],
  [
    'anything-but with a list of objects',
    { source: [{ 'anything-but': [{}] }] },
    'source[0].anything-but[0]',
  ],
  [
    'anything-but with another operator',
    { source: [{ 'anything-but': { numeric: ['=', 1] } }] },
    'source[0].anything-but.numeric',
  ],
  [
    'anything-but with an empty prefix',
    { source: [{ 'anything-but': { prefix: '' } }] },
    'source[0].anything-but.prefix',
  ],
  ['numeric with three items', { source: [{ numeric: ['>', 1, '<'] }] }, 'source[0].numeric'],
  ['numeric without an array', { source: [{ numeric: 1 }] }, 'source[0].numeric'],
  ['numeric with an unknown comparison', { source: [{ numeric: ['<>', 1] }] }, 'source[0].numeric[0]'],
  ['numeric with a string', { source: [{ numeric: ['>', 0, '<', '5'] }] }, 'source[0].numeric[2]'],
  ['numeric above the maximum', { source: [{ numeric: ['>', 1_000_000_001] }] }, 'source[0].numeric[0]'],
  ['a block without an address', { source: [{ cidr: 'x' }] }, 'source[0].cidr'],
  ['a block that is too long', { source: [{ cidr: '10.0.0.0/33' }] }, 'source[0].cidr'],
  ['a block of IPv6 that is too long', { source: [{ cidr: '::1/129' }] }, 'source[0].cidr'],
  ['a block with a zone', { source: [{ cidr: 'fe80::1%eth0' }] }, 'source[0].cidr'],
  ['a block with two lengths', { source: [{ cidr: '::1/8/8' }] }, 'source[0].cidr'],
  [
    'an empty list inside anything-but',
    { source: [{ 'anything-but': { prefix: [] } }] },
    'source[0].anything-but.prefix',
  ],
  [
    'a number in a list inside anything-but',
    { source: [{ 'anything-but': { suffix: ['a', 1] } }] },
    'source[0].anything-but.suffix[1]',
  ],
];

for (const [name, pattern, path] of mistakes) {
  test(`rejects ${name} with its path`, () => {
    assert.throws(
      () => compilePattern(pattern),
      (error) => {
        assert.ok(error instanceof PatternError);
        assert.equal(error.path, path);
        return true;
      },
    );
  });
}

test('firstMismatch returns path, expected and actual value', () => {
  const pattern = compilePattern({ source: ['acs.oss'], data: { name: [{ prefix: 'x' }], count: [1] } });
  assert.deepEqual(firstMismatch(pattern, event), {
    path: 'data.name',
    expected: [{ prefix: 'x' }],
    actual: 'demo.zip',
  });
});

test('a mistake shows up to 80 characters of the value', () => {
  const mistakeOf = (value: string): string => {
    try {
      compilePattern({ source: value });
      return '';
    } catch (error) {
      return (error as PatternError).problem;
    }
  };
  assert.ok(mistakeOf('x'.repeat(78)).endsWith(`, got "${'x'.repeat(78)}"`));
  assert.ok(mistakeOf('x'.repeat(79)).endsWith(`, got "${'x'.repeat(78)}…`));
});
