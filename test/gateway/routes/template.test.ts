import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { parseExactJson, stringifyExactJson, toJsonNumber } from '../../../domain/exact-json.ts';
import { compileTemplate as compile } from '../../../gateway/routes/template.ts';

/** Compiles a template without mistakes. */
const compileTemplate = (template: unknown) =>
  compile(template, (path, message) => assert.fail(`${path.join('.')}: ${message}`));

const event = {
  id: 'E1',
  ext: 5,
  data: {
    name: 'n',
    count: 0,
    yes: false,
    list: [1, 2],
    deep: { er: 'x' },
    none: null,
    'a-b_1': 'y',
    exact: toJsonNumber('1.50'),
  },
};

const filled: readonly (readonly [template: unknown, value: unknown])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['{id}', 'E1'],
  ['a:{id}:{data.name}', 'a:E1:n'],
  ['{data.count}', 0],
  ['{data.yes}', false],
  ['{data.list}', [1, 2]],
  ['{data.deep}', { er: 'x' }],
  ['{data.deep.er}', 'x'],
  ['{data.a-b_1}', 'y'],
  ['n={data.count} {data.yes} {ext}', 'n=0 false 5'],
  ['x{data.absent?}y', 'xy'],
  ['{data.name?}', 'n'],
  [
    { a: '{id}', b: ['{data.name}', 7, null, true] },
    { a: 'E1', b: ['n', 7, null, true] },
  ],
  [{ a: '{data.absent?}', b: '{data.none?}', c: 1 }, { c: 1 }],
  [5, 5],
  [null, null],
];

for (const [template, value] of filled) {
  test(`fills ${JSON.stringify(template)} to ${JSON.stringify(value)}`, () => {
    assert.deepEqual(compileTemplate(template).fill({ json: event }), value);
  });
}

const DATA =
  '{ "order": 1.0, "order": 9007199254740993, "at": [{ "n": -12345678901234567890 }], "deep": { "id": 9007199254740993, "price": 1.50 }, "huge": 1e400, "small": 7, "digits": 1234567.12345678901234567890 }';

const exact: readonly (readonly [template: unknown, json: string])[] = [
  ['order:{data.order}', '"order:9007199254740993"'],
  ['{data.order}', '9007199254740993'],
  ['{data.at.0.n}', '-12345678901234567890'],
  ['n={data.at.0.n?}', '"n=-12345678901234567890"'],
  ['{data.deep}', '{"id":9007199254740993,"price":1.50}'],
  ['{data.deep.price}', '1.50'],
  ['{data.deep.price} CNY', '"1.50 CNY"'],
  ['{data.digits}', '1234567.12345678901234567890'],
  ['{data.huge}', '1e400'],
  [
    '{data}',
    '{"order":9007199254740993,"at":[{"n":-12345678901234567890}],"deep":{"id":9007199254740993,"price":1.50},"huge":1e400,"small":7,"digits":1234567.12345678901234567890}',
  ],
  [
    { a: ['{data.order}', '{data.small}', null], b: { c: '{data.deep}' }, d: '{data.absent?}', e: 'x"y' },
    '{"a":[9007199254740993,7,null],"b":{"c":{"id":9007199254740993,"price":1.50}},"e":"x\\"y"}',
  ],
];

for (const [template, json] of exact) {
  test(`copies numbers as the sender wrote them to ${JSON.stringify(template)}`, () => {
    const filled = compileTemplate(template).fill({ json: { data: parseExactJson(DATA) } });
    assert.equal(stringifyExactJson(filled), json);
  });
}

const KEYS = { 订单: 'o', 'a b': 1, 'a.b': { $c: 2 }, 'q"\\': 3, '{x}': 4, '': 5, '|slot:': 6 };

const quotedKeys: readonly (readonly [template: string, value: unknown])[] = [
  ['{data."订单"}', 'o'],
  ['{data."a b"}', 1],
  ['{data."a.b"."$c"}', 2],
  ['{data."q\\"\\\\"}', 3],
  ['{data."{x}"}', 4],
  ['{data.""}', 5],
  ['{data."|slot:"}', 6],
  ['{data."\\u8ba2单"?}', 'o'],
  ['{data."absent"?}', undefined],
  ['{"{"}', '{'],
  ['{"{"}{data."a b"}{"}"}', '{1}'],
  ['{"{}"}', '{}'],
  ['a{""}b', 'ab'],
];

for (const [template, value] of quotedKeys)
  test(`fills ${template}, which has a quoted key or a literal brace`, () =>
    assert.deepEqual(compileTemplate(template).fill({ json: { data: KEYS } }), value));

const unfilled: readonly (readonly [template: unknown, path: string])[] = [
  ['{data.absent}', 'data.absent'],
  ['{data.none}', 'data.none'],
  ['a:{data.absent}', 'data.absent'],
  ['{data.name.first}', 'data.name.first'],
  ['{data.constructor}', 'data.constructor'],
  ['{data.list.length}', 'data.list.length'],
  ['{data.exact.text}', 'data.exact.text'],
  ['{toString}', 'toString'],
  ['a:{data.list}', 'data.list'],
  ['a:{data.deep}', 'data.deep'],
  [{ a: { b: '{data.absent}' } }, 'data.absent'],
];

for (const [template, path] of unfilled) {
  test(`${JSON.stringify(template)} cannot be filled, and the error names ${path}`, () => {
    assert.throws(
      () => compileTemplate(template).fill({ json: event }),
      (error) => error instanceof InvalidInput && error.message.includes(path),
    );
  });
}

const wrong: readonly (readonly [template: unknown, path: readonly (string | number)[]])[] = [
  ['{', []],
  ['}', []],
  ['{}', []],
  ['{a', []],
  ['{a}}', []],
  ['{{a}}', []],
  ['{a..b}', []],
  ['{.a}', []],
  ['{a b}', []],
  ['{data.$c}', []],
  ['{data."a}', []],
  ['{data."a"b}', []],
  ['{data."\\x"}', []],
  ['{"a"?}', []],
  ['{"data".a}', []],
  ['{"{}', []],
  [{ x: ['ok', '{'] }, ['x', 1]],
];

for (const [template, path] of wrong) {
  test(`reports ${JSON.stringify(template)} as a mistake at compile time`, () => {
    const paths: (string | number)[][] = [];
    compile(template, (at) => paths.push(at));
    assert.deepEqual(paths, [path]);
  });
}

test('reports all mistakes of a template', () => {
  const messages: string[] = [];
  compile(
    { a: '{x y}', b: ['{', '{z|slot:PT5H,Asia/Shanghai} {z|slot:PT3H,Mars/Olympus}', '{z|upper:}'] },
    (path, message) => messages.push(`${path.join('.')}: ${message}`),
  );
  assert.equal(messages.length, 5, messages.join('\n'));
  assert.match(messages[2] ?? '', /^b\.1: .*PT5H/);
  assert.match(messages[3] ?? '', /^b\.1: .*Mars\/Olympus/);
  assert.match(messages[4] ?? '', /^b\.2: .*upper/);
});

const slots: readonly (readonly [time: string, template: string, value: string])[] = [
  ['2026-11-22T05:59:59.999+08:00', '{time|slot:PT3H,Asia/Shanghai}', '2026-11-21T19:00:00Z'],
  ['2026-11-22T06:00:00+08:00', 'w-{time|slot:PT3H,Asia/Shanghai}', 'w-2026-11-21T22:00:00Z'],
  ['2026-11-22T06:00:00Asia/Shanghai', 'w-{time|slot:PT3H,Asia/Shanghai}', 'w-2026-11-21T22:00:00Z'],
  ['2026-11-21T16:00:00Z', '{time|slot:P1D,Asia/Shanghai}', '2026-11-21T16:00:00Z'],
];

for (const [time, template, value] of slots) {
  test(`fills ${template} with ${time} to ${value}`, () => {
    assert.equal(compileTemplate(template).fill({ json: { time } }), value);
  });
}

test('a slot cannot be filled without a valid time', () => {
  for (const time of ['soon', 5, '2026-02-30T00:00:00Z'])
    assert.throws(
      () => compileTemplate('{time|slot:PT3H,Asia/Shanghai}').fill({ json: { time } }),
      /time is not an RFC 3339/,
    );
  assert.equal(compileTemplate('a{time?|slot:PT3H,Asia/Shanghai}').fill({ json: {} }), 'a');
});
