import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originalRequest } from '../../gateway/receive/original-request.ts';

const parked = (path: string, headers: Record<string, string>, body: string | Buffer, more: object = {}) => ({
  ...{ reason: 'r', status: 422, receivedAt: '2026-11-22T12:00:00Z', event: {}, path, headers },
  ...(typeof body === 'string'
    ? { body, bodyEncoding: 'utf8' as const }
    : { body: body.toString('base64'), bodyEncoding: 'base64' as const }),
  ...more,
});

const JSON_TYPE = { 'content-type': 'application/json' };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const BINARY = { 'content-type': 'text/plain', 'ce-specversion': '1.0', 'ce-id': '1', 'ce-knative': 'kept' };
const ADDED = {
  'ce-knativeerrordest': 'http://there',
  'ce-knativeerrorcode': '422',
  'ce-knativeerrordata': 'eA==',
};

test('a rejected request keeps its headers and exact bytes', () => {
  const odd = '{ "id":1.0,\n"knativeerrorcode":"422" }';
  assert.deepEqual(originalRequest(parked('/unzip', { ...JSON_TYPE, ...ADDED }, odd)), {
    headers: { ...JSON_TYPE, ...ADDED },
    body: Buffer.from(odd),
  });
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  assert.deepEqual(originalRequest(parked('/', JSON_TYPE, bytes)).body, bytes);
});

const event = '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"knativeerrorcode":"mine"}}';
const withErrors = event.replace('"data"', '"knativeerrordest":"d","knativeerrorcode":422,"data"');

const deadLetters: readonly (readonly [
  description: string,
  headers: Record<string, string>,
  body: string,
  sent: readonly [headers: Record<string, string>, body: string],
])[] = [
  ['in binary mode', { ...BINARY, ...ADDED }, withErrors, [BINARY, withErrors]],
  ['in binary mode without a body', { ...BINARY, ...ADDED }, '', [BINARY, '']],
  ['of the source', { ...BINARY, 'ce-sluiceerror': 'answered%20422' }, '{}', [BINARY, '{}']],
  ['structured', STRUCTURED, withErrors, [STRUCTURED, event]],
  ['structured, with headers as well', { ...STRUCTURED, ...ADDED }, withErrors, [STRUCTURED, event]],
  ['as bare JSON', JSON_TYPE, withErrors, [JSON_TYPE, event]],
  ['as bare JSON without a content type', {}, `\ufeff${withErrors}`, [{}, event]],
  ['as a batch', BATCH, `[${withErrors},${event}]`, [BATCH, `[${event},${event}]`]],
  [
    'with unusual numbers and names',
    STRUCTURED,
    '{ "knativeerrorcode" : 422 , "i\\u0064":"1", "data" : {"n": 12345678901234567890, "m":1.0} , "knativeerrordata":"x"}',
    [STRUCTURED, '{"id":"1","data":{"n": 12345678901234567890, "m":1.0}}'],
  ],
  ['with nothing added, and unusual JSON', STRUCTURED, ` ${event}\n`, [STRUCTURED, ` ${event}\n`]],
  ['that is not JSON', STRUCTURED, '{"knativeerrordest":', [STRUCTURED, '{"knativeerrordest":']],
  ['that is not an object', JSON_TYPE, 'null', [JSON_TYPE, 'null']],
];

for (const [description, headers, body, [sentHeaders, sentBody]] of deadLetters) {
  test(`a dead letter ${description} becomes the event that was not delivered`, () => {
    for (const letter of [
      parked('/dead-letters', headers, body),
      parked('/Dead-Letters/', headers, body),
      parked('/elsewhere', headers, body, { deadLetter: { code: 422 } }),
    ]) {
      const { headers: got, body: bytes } = originalRequest(letter);
      assert.deepEqual([got, bytes.toString()], [sentHeaders, sentBody]);
    }
  });
}

test('a dead letter that is not UTF-8 keeps its exact bytes', () => {
  const bytes = Buffer.concat([Buffer.from(withErrors), Buffer.from([0xff])]);
  assert.deepEqual(originalRequest(parked('/dead-letters', STRUCTURED, bytes)).body, bytes);
});
