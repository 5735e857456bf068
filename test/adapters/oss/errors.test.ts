import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateOssError } from '../../../adapters/oss/errors.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';

const ref = { bucket: 'eb-ask', key: 'zip/a.zip' };
const thrown = (fields: object, message = 'said'): Error => Object.assign(new Error(message), fields);

/** Errors that ali-oss 6.23 throws if the answer has no details. */
const rows: readonly (readonly [
  name: string,
  error: unknown,
  kind: typeof InvalidInput | typeof Unavailable,
  type: string,
])[] = [
  [
    'no connection',
    thrown({ name: 'RequestError', code: 'RequestError', status: -1 }),
    Unavailable,
    'StoreUnavailable',
  ],
  [
    'a connection timeout',
    thrown({ name: 'ConnectionTimeoutError', status: -2 }),
    Unavailable,
    'StoreUnavailable',
  ],
  ['an answer timeout', thrown({ name: 'ResponseTimeoutError' }), Unavailable, 'StoreUnavailable'],
  ['an aborted stream', thrown({ code: 'ECONNRESET' }, 'aborted'), Unavailable, 'StoreUnavailable'],
  ['a bare 403', thrown({ status: 403, name: 'UnknownError' }), InvalidInput, 'AccessDenied'],
  ['a bare 404', thrown({ status: 404 }), InvalidInput, 'SourceGone'],
  ['a bare 412', thrown({ status: 412 }), InvalidInput, 'SourceChanged'],
  ['a bare 500', thrown({ status: 500 }), Unavailable, 'StoreUnavailable'],
  ['an expired token', thrown({ status: 403, code: 'SecurityTokenExpired' }), InvalidInput, 'AccessDenied'],
  [
    'a plain object, as a cancel flag throws it',
    { status: 0, name: 'cancel' },
    Unavailable,
    'StoreUnavailable',
  ],
];

for (const [name, error, kind, type] of rows) {
  test(`${name} is ${type}, with one sentence that names the object`, () => {
    const translated = translateOssError(error, 'reading', ref);
    assert.ok(translated instanceof kind);
    assert.equal(translated.type, type);
    assert.match(translated.message, /^reading oss:\/\/eb-ask\/zip\/a\.zip: /);
  });
}

for (const wait of ['', 'soon', '-1', '0', undefined]) {
  test(`a throttling header of ${JSON.stringify(wait)} sets no wait`, () => {
    const error = thrown({ status: 503, headers: { 'x-oss-qos-delay-time': wait } });
    const translated = translateOssError(error, 'reading', ref);
    assert.ok(translated instanceof Unavailable && translated.afterMs === undefined);
  });
}

test('a translated error stays unchanged', () => {
  for (const error of [new InvalidInput('A', 'a'), new Unavailable('B', 'b', { afterMs: 5 })]) {
    assert.equal(translateOssError(error, 'reading', ref), error);
  }
});

test('a raw body in the message of ali-oss is not shown', () => {
  const error = thrown(
    { status: 200 },
    `Non-whitespace before first tag.\nraw xml: ${'SECRET'.repeat(10_000)}`,
  );
  const { message } = translateOssError(error, 'reading', ref);
  assert.ok(message.length <= 500 && !message.includes('SECRET'), message);
});
