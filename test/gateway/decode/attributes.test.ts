import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadEvent } from '../../../gateway/decode/bad-event.ts';
import { assertBad, BINARY, decode, decodeAll, STRUCTURED } from './decoded.ts';

const base = { specversion: '1.0', id: '1', source: '/s', type: 't' };

const bad: readonly (readonly [attribute: string, value: unknown])[] = [
  ...['specversion', 'id', 'source', 'type'].flatMap((name) =>
    [undefined, null, '', 5, true, {}, []].map((value) => [name, value] as const),
  ),
  ['specversion', '19.0'],
  ['specversion', '1'],
  ['specversion', '1.1'],
  ['specversion', '0.2'],
  ['subject', ''],
  ['subject', 5],
  ['dataschema', ''],
  ['datacontenttype', 1],
  ['custom', {}],
  ['custom', [1]],
  ['custom', 1.5],
  ['custom', 2147483648],
  ['custom', -2147483649],
  ['custom', 1e300],
  ['Custom', 'x'],
  ['', 'x'],
  ['my-ext', 'x'],
  ['ärger', 'x'],
  ['id', 'a\u0000b'],
  ['id', 'a\u009fb'],
  ['id', 'a\ud800b'],
  ['source', '/\ud83d'],
  ['custom', 'a\nb'],
  ['custom', '\ufffe'],
  ['expirytime', 'tomorrow'],
  ['expirytime', ''],
  ['expirytime', 1766448000],
  ['expirytime', '2026-02-30T00:00:00Z'],
];

for (const [name, value] of bad) {
  test(`rejects the attribute ${name} with the value ${value === undefined ? 'undefined' : JSON.stringify(value)}, and the error names the attribute`, () => {
    assertBad(name, STRUCTURED, JSON.stringify({ ...base, [name]: value }));
  });
}

for (const name of ['id', 'source', 'type', 'subject', 'custom'])
  test(`the attribute ${name} may have 16384 characters, and not one more`, () => {
    const bodyOf = (length: number): string => JSON.stringify({ ...base, [name]: 'x'.repeat(length) });
    assert.equal(String(decode(STRUCTURED, bodyOf(16_384))[name]).length, 16_384);
    assertBad(name, STRUCTURED, bodyOf(16_385));
  });

const good: readonly (readonly [attribute: string, value: string | number | boolean])[] = [
  ['id', ' '],
  ['id', '😀 中文 "quoted" %20'],
  ['source', 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66'],
  ['subject', 'acs:oss:cn-hangzhou:1:eb-ask/zip/demo.zip'],
  ['knativebrokerttl', '254'],
  ['number', 5],
  ['number', -2147483648],
  ['number', 2147483647],
  ['flag', true],
  ['flag', false],
  ['empty', ''],
  ['expirytime', '2026-11-22T20:00:00+08:00'],
  ['expirytime', '2026-11-22T20:00:00.000Asia/Shanghai'],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['a2345678901234567890more', 'long names are allowed'],
  ['1st', 'x'],
];

for (const [name, value] of good) {
  test(`keeps the attribute ${name} with the value ${JSON.stringify(value)} unchanged`, () => {
    assert.deepEqual(decode(STRUCTURED, JSON.stringify({ ...base, [name]: value })), {
      ...base,
      [name]: value,
    });
  });
}

test('accepts an attribute with the name of an object method, but rejects __proto__', () => {
  const event = { ...base, constructor: 'x', tostring: 'y' };
  assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), event);
  assertBad(
    '__proto__',
    STRUCTURED,
    '{"specversion":"1.0","id":"1","source":"/s","type":"t","__proto__":"x"}',
  );
});

const noEvents: readonly (readonly [name: string, body: string | Buffer])[] = [
  ['no bytes', ''],
  ['a number', '5'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['broken JSON', '{"specversion":"1.0",'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
];

for (const [name, body] of noEvents) {
  test(`answers 400 to a structured body of ${name}`, () => {
    assert.throws(
      () => decodeAll(STRUCTURED, body),
      (error) => error instanceof BadEvent && error.status === 400,
    );
  });
}

const BATCH = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };

test('reads a batch in order, also an empty one', () => {
  const events = [base, { ...base, id: '2', data: null }];
  assert.deepEqual(
    decodeAll(BATCH, JSON.stringify(events)).map(({ id }) => id),
    ['1', '2'],
  );
  assert.deepEqual(decodeAll(BATCH, '[]'), []);
});

const badBatches: readonly (readonly [name: string, batch: unknown, pattern: RegExp])[] = [
  ['an invalid second event', [base, { ...base, id: '' }, {}], /\b1\b.*\bid\b/],
  ['an invalid first event', [{ ...base, type: null }], /\b0\b.*\btype\b/],
  ['an event that is not an object', [base, base, 'x'], /\b2\b/],
  ['an event that is a batch', [[base]], /\b0\b/],
  ['an event instead of a batch', base, /array/],
];

for (const [name, batch, pattern] of badBatches) {
  test(`rejects an invalid batch and names the index: ${name}`, () => {
    assert.throws(
      () => decodeAll(BATCH, JSON.stringify(batch)),
      (error) => error instanceof BadEvent && error.status === 400 && pattern.test(error.message),
    );
  });
}

for (const [time, read] of [
  ['2020-07-21 20:22:01.961000', '2020-07-21T20:22:01.961000+08:00'],
  ['2020-07-21 20:22:01', '2020-07-21T20:22:01+08:00'],
  ['2020-07-21T20:22:01Z', '2020-07-21T20:22:01Z'],
  ['2020-07-21 20:22:01+02:00', '2020-07-21 20:22:01+02:00'],
] as const)
  test(`reads the time ${time} as ${read}`, () =>
    assert.equal(decode({ ...BINARY, 'ce-time': time }).time, read));

for (const time of ['2020-02-30 20:22:01', '2020-07-21 25:22:01', '2020-07-21T20:22:01', '2020-07-21 20:22'])
  test(`rejects the time ${time}`, () => assertBad('time', { ...BINARY, 'ce-time': time }));

test('rejects an expirytime without a time zone', () =>
  assertBad('expirytime', { ...BINARY, 'ce-expirytime': '2020-07-21 20:22:01' }));
