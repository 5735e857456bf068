import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';

const event = (attributes: Record<string, string | number>, data?: CloudEvent['data']): CloudEvent => {
  const base = { id: 'i', source: '/s', type: 't' };
  return { ...base, attributes: { specversion: '1.0', ...base, ...attributes }, ...(data && { data }) };
};
const hash = (attributes: Record<string, string | number>, data?: CloudEvent['data']) =>
  contentHash(event(attributes, data));
const plain = hash({}, { json: { a: 1, b: [1, { c: null }] } });

test('the content hash has 16 hex digits', () => assert.match(plain, /^[0-9a-f]{16}$/));

for (const [name, same] of [
  ['keys in another order', hash({}, { json: { b: [1, { c: null }], a: 1 } })],
  [
    'extensions that a broker adds',
    hash({ knativearrivaltime: 'now', traceparent: 'x' }, { json: { a: 1, b: [1, { c: null }] } }),
  ],
  [
    'JSON’s media type',
    hash({ datacontenttype: 'application/json' }, { json: { a: 1, b: [1, { c: null }] } }),
  ],
  [
    'JSON’s media type and a charset',
    hash({ datacontenttype: 'application/json; charset=utf-8' }, { json: { a: 1, b: [1, { c: null }] } }),
  ],
] as const) {
  test(`the content hash is the same with ${name}`, () => assert.equal(same, plain));
}

for (const [name, other] of [
  ['another value', hash({}, { json: { a: 2, b: [1, { c: null }] } })],
  ['items in another order', hash({}, { json: { a: 1, b: [{ c: null }, 1] } })],
  ['items grouped differently', hash({}, { json: { a: 1, b: [[1], { c: null }] } })],
  ['another subject', hash({ subject: 's' }, { json: { a: 1, b: [1, { c: null }] } })],
  ['another type', hash({ type: 'u' }, { json: { a: 1, b: [1, { c: null }] } })],
  ['no data', hash({})],
  ['null data', hash({}, { json: null })],
  ['bytes', hash({}, { bytes: Buffer.from('{"a":1,"b":[1,{"c":null}]}') })],
] as const) {
  test(`the content hash differs with ${name}`, () => assert.notEqual(other, plain));
}

test('the content hash ignores the time zone of a time, but not the time', () => {
  const at = (time: string) => hash({ time });
  assert.equal(at('2026-11-22T12:00:00+08:00'), at('2026-11-22T04:00:00Z'));
  assert.notEqual(at('2026-11-22T12:00:00+08:00'), at('2026-11-22T12:00:00Z'));
  assert.notEqual(at('2026-11-22T12:00:00Z'), hash({}));
});

test('the content hash of bytes depends on their media type', () => {
  const hashOfBytes = (datacontenttype: string) => hash({ datacontenttype }, { bytes: Buffer.from('a') });
  assert.notEqual(hashOfBytes('text/plain'), hashOfBytes('text/csv'));
});

for (const count of [0, 1, 2, 3, 15, 16, 17, 40]) {
  test(`the names of an object with ${count} members are hashed in the order of their UTF-16 code units`, () => {
    // Names of digits, ASCII, accents, CJK and a surrogate pair, which no locale sorts like this.
    const sorted = ['#', '10', '9', 'B', 'a', 'ä', '订单', '\u{1f600}', '\uff01'];
    for (let n = 0; sorted.length < 40; n++) sorted.splice(5, 0, `a${String.fromCharCode(0x7a - n)}`);
    const names = sorted.slice(0, count);
    const expected = createHash('sha256')
      .update(`[null,"t",null,null]json{${names.map((name) => `${JSON.stringify(name)}:1,`).join('')}}`)
      .digest('hex')
      .slice(0, 16);
    const orders = [
      names,
      names.toReversed(),
      names.toSorted((a, b) => a.length - b.length || (a < b ? 1 : -1)),
    ];
    for (const order of orders)
      assert.equal(hash({}, { json: Object.fromEntries(order.map((name) => [name, 1])) }), expected);
  });
}
