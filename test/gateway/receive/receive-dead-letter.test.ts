import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterReason, readDeadLetter } from '../../../gateway/receive/receive-dead-letter.ts';

const of = (attributes: Record<string, string | number>) => readDeadLetter({ attributes });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('code, destination and data are decoded, from text and from numbers', () => {
  assert.deepEqual(
    of({ knativeerrorcode: 500, knativeerrordest: 'http://a', knativeerrordata: base64('it broke: 北京') }),
    { code: 500, destination: 'http://a', data: 'it broke: 北京' },
  );
  assert.deepEqual(of({ knativeerrorcode: '404' }), { code: 404 });
  assert.deepEqual(of({}), {});
});

test('data that is no base64 of text is taken as it is', () => {
  for (const data of ['plain words', 'abc', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64')])
    assert.equal(of({ knativeerrordata: data }).data, data);
});

test('a code that is none is left out, long data is cut', () => {
  assert.equal(of({ knativeerrorcode: 'soon' }).code, undefined);
  assert.equal(of({ knativeerrordata: base64('x'.repeat(5_000)) }).data?.length, 2_000);
});

test('the reason is one sentence', () => {
  assert.equal(deadLetterReason({}), 'a broker gave up on it: its subscriber gave no answer');
  assert.equal(
    deadLetterReason({ destination: 'http://a', code: 422, data: 'no id\n' }),
    'a broker gave up on it: http://a answered 422: no id',
  );
});
