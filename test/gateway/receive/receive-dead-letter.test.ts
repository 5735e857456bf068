import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLetterReason, readDeadLetter } from '../../../gateway/receive/receive-dead-letter.ts';

const deadLetterOf = (attributes: Record<string, string | number>) => readDeadLetter({ attributes });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('decodes code, destination and data, from text and from numbers', () => {
  assert.deepEqual(
    deadLetterOf({
      knativeerrorcode: 500,
      knativeerrordest: 'http://a',
      knativeerrordata: base64('it broke: 北京'),
    }),
    { code: 500, destination: 'http://a', data: 'it broke: 北京' },
  );
  assert.deepEqual(deadLetterOf({ knativeerrorcode: '404' }), { code: 404 });
  assert.deepEqual(deadLetterOf({}), {});
});

test('keeps data that is not base64 of text unchanged', () => {
  for (const data of ['plain words', 'abc', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64')])
    assert.equal(deadLetterOf({ knativeerrordata: data }).data, data);
});

test('drops an invalid code, and cuts long data', () => {
  assert.equal(deadLetterOf({ knativeerrorcode: 'soon' }).code, undefined);
  assert.equal(deadLetterOf({ knativeerrordata: base64('x'.repeat(5_000)) }).data?.length, 2_000);
});

test('the reason of a dead letter of the source is the reason that the source gives, cut to 2,000 characters', () => {
  const letter = deadLetterOf({ sluiceerror: 'answered 422' });
  assert.deepEqual(letter, { sourceReason: 'answered 422' });
  assert.equal(deadLetterReason(letter), 'the source gave up on the event: answered 422');
  assert.equal(deadLetterOf({ sluiceerror: 'x'.repeat(2_001) }).sourceReason?.length, 2_000);
});

test('the reason is one sentence', () => {
  assert.equal(deadLetterReason({}), 'a broker gave up on the event: its subscriber gave no answer');
  assert.equal(
    deadLetterReason({ destination: 'http://a', code: 422, data: 'no id\n' }),
    'a broker gave up on the event: http://a answered 422: no id',
  );
});
