import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  baseUrl,
  ConfigError,
  integer,
  oneOf,
  optionalText,
  port,
  readConfig,
  type Setting,
  secret,
  text,
} from '../../runtime/config.ts';

const value = (setting: Setting<unknown>, input?: string): unknown =>
  readConfig({ X: input }, { setting }).setting;

const valid: readonly (readonly [
  name: string,
  setting: Setting<unknown>,
  input: string | undefined,
  value: unknown,
])[] = [
  ['a text', text('X', 'd'), 'a b', 'a b'],
  ['an unset text', text('X', 'd'), undefined, 'd'],
  ['an empty text, which counts as unset,', text('X', 'd'), '', 'd'],
  ['an optional text', optionalText('X'), undefined, undefined],
  ['a number', integer('X', 1, 0, 10), '10', 10],
  ['the minimum of a number', integer('X', 1, 0, 10), '0', 0],
  ['an unset number', integer('X', 1, 0, 10), undefined, 1],
  ['a port', port('X', 8080), '65535', 65_535],
  [
    'an address',
    baseUrl('X'),
    'https://oss-cn-hangzhou.aliyuncs.com',
    'https://oss-cn-hangzhou.aliyuncs.com',
  ],
  ['an address with a trailing slash', baseUrl('X'), 'http://localhost:9000/', 'http://localhost:9000'],
  ['an unset address', baseUrl('X'), undefined, undefined],
  ['one of the words', oneOf('X', ['a', 'b'], 'a'), 'b', 'b'],
  ['an unset word', oneOf('X', ['a', 'b'], 'a'), undefined, 'a'],
];

for (const [name, setting, input, expected] of valid) {
  test(`reads ${name}`, () => assert.equal(value(setting, input), expected));
}

const invalid: readonly (readonly [name: string, setting: Setting<unknown>, input: string])[] = [
  ['a number below its range', integer('X', 1, 1, 10), '0'],
  ['a number above its range', integer('X', 1, 1, 10), '11'],
  ['a fraction', integer('X', 1, 1, 10), '1.5'],
  ['a number with letters', integer('X', 1, 1, 10), '5MB'],
  ['a negative number', integer('X', 1, 1, 10), '-5'],
  ['a hexadecimal number', integer('X', 1, 1, 100), '0x10'],
  ['a port above 65535', port('X', 8080), '65536'],
  ['text that is not an address', baseUrl('X'), 'localhost:9000'],
  ['an address with another scheme', baseUrl('X'), 'ftp://x'],
  ['a word in the wrong case', oneOf('X', ['a', 'b'], 'a'), 'A'],
];

for (const [name, setting, input] of invalid) {
  test(`rejects ${name}, and names variable, value and what is allowed`, () => {
    assert.throws(
      () => value(setting, input),
      (error) =>
        error instanceof ConfigError &&
        error.message.includes('X is') &&
        error.message.includes(input) &&
        error.message.includes(setting.allowed),
    );
  });
}

test('reports every problem at once', () => {
  const settings = { a: integer('A', 1, 0, 5), b: { ...text('B', ''), required: true }, c: port('C', 1) };
  assert.throws(
    () => readConfig({ A: '9', C: 'x' }, settings),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 3);
      assert.match(error.problems.join('\n'), /A is "9".*\nB is not set.*\nC is "x"/);
      return true;
    },
  );
});

test('no message contains a secret’s value', () => {
  const key = { ...secret('KEY'), parse: () => undefined };
  assert.throws(
    () => readConfig({ KEY: 'hunter2' }, { key }),
    (error) => error instanceof ConfigError && /KEY/.test(error.message) && !/hunter2/.test(error.message),
  );
});

test('a required setting that is empty counts as missing', () => {
  assert.throws(() => readConfig({ B: '' }, { b: { ...text('B', ''), required: true } }), /B is not set/);
});
