import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRequest } from '../../../gateway/decode/decode-request.ts';
import { parseJson } from '../../../gateway/decode/json-text.ts';
import { JsonBudget, measureJson, parsingWeight } from '../../../gateway/decode/measure-json.ts';

for (const [text, depth, containers, members, values] of [
  ['', 0, 0, 0, 1],
  ['"[[[,:"', 0, 0, 0, 1],
  ['"\\",[",1', 0, 0, 0, 2],
  ['"a\\\\",[1', 1, 1, 0, 3],
  ['[{"a":["[[[", {}]}, []]', 4, 5, 1, 8],
  ['{"é,":1,"b":"', 1, 1, 2, 3],
] as const)
  test(`measures ${text === '' ? 'an empty text' : text}: strings are skipped`, () =>
    assert.deepEqual(measureJson(Buffer.from(text)), { depth, containers, members, values }));

const list = (item: string, count: number): Buffer =>
  Buffer.from(`[${Array.from({ length: count }, () => item).join()}]`);

const objectOf = (members: number): Buffer =>
  Buffer.from(`{${Array.from({ length: members }, (_, n) => `"${n}":1`).join()}}`);

test('accepts the maximum number of members, and rejects one more', () => {
  assert.ok(parseJson(objectOf(65_000)).value);
  const message = 'the body has 65001 members; allowed: at most 65000';
  assert.throws(() => parseJson(objectOf(65_001)), { status: 413, message });
});

for (const [unit, item, atLimit, sentence] of [
  ['values', '1', 199_999, 'the body has 200001 values; allowed: at most 200000'],
  ['arrays and objects', '[]', 49_999, 'the body has 50001 arrays and objects; allowed: at most 50000'],
] as const)
  test(`accepts the maximum number of ${unit}, and rejects one more`, () => {
    assert.ok(parseJson(list(item, atLimit - 1)).value);
    assert.ok(parseJson(list(item, atLimit)).value);
    assert.throws(() => parseJson(list(item, atLimit + 1)), { status: 413, message: sentence });
  });

test('the number of levels is at most 200', () => {
  const nested = (levels: number): Buffer => Buffer.from(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  assert.ok(parseJson(nested(200)).value);
  assert.throws(() => parseJson(nested(201)), { status: 400 });
});

test('the texts of one request share a budget', () => {
  const budget = new JsonBudget();
  const measure = (members: number) => ({ depth: 1, containers: 1, members, values: 1 });
  budget.add(measure(65_000), 'the body');
  budget.add(measure(0), 'data_base64');
  const message = 'the request has 65001 members; allowed: at most 65000';
  assert.throws(() => budget.add(measure(1), 'data_base64'), { status: 413, message });
});

test('the payloads in base64 of a batch count together', () => {
  const data_base64 = list('[]', 20_000).toString('base64');
  const event = {
    ...{ specversion: '1.0', id: '1', source: '/s', type: 't' },
    ...{ datacontenttype: 'application/json', data_base64 },
  };
  const batch = (events: number) => ({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: Buffer.from(JSON.stringify(Array.from({ length: events }, () => event))),
  });
  assert.equal(decodeRequest(batch(2)).events.length, 2);
  const message = 'event 2 of the batch: the request has 60007 arrays and objects; allowed: at most 50000';
  assert.throws(() => decodeRequest(batch(3)), { status: 413, message });
});

for (const [what, body, weight, contentType] of [
  ['a text', Buffer.from('"some text"'), 11],
  ['a text in ASCII', Buffer.from('"some text"'), 11, 'application/json; charset=us-ascii'],
  ['a text in another charset', Buffer.from('"some text"'), 44, 'application/json; charset=shift_jis'],
  ['a payload in base64', Buffer.from('{"data_base64":""}'), 72],
  ['a large payload in base64', Buffer.alloc(300_000, '"data_base64"'), 1_000_000],
  ['a payload in base64 whose name has an escape', Buffer.from('{"data_b\\u0061se64":""}'), 92],
  ['a payload of version 0.3', Buffer.from('{"datacontentencoding":"BASE64"}'), 128],
  ['half of the values', list('1', 99_999), 500_000],
  ['half of the arrays', list('[]', 24_999), 500_000],
  ['a fifth of the members', list('{"a":1,"b":2}', 6_500), 200_000],
  ['too many values', list('1', 400_000), 1_000_000],
  ['a body over the capacity', Buffer.alloc(1_000_001), 1_000_001],
] as readonly (readonly [string, Buffer, number, string?])[])
  test(`in a queue of 1,000,000, ${what} has the weight ${weight}`, () =>
    assert.equal(parsingWeight({ body, headers: { 'content-type': contentType } }, 1_000_000), weight));

test('a payload whose header says base64 weighs four times its size', () => {
  const headers = { 'ce-datacontentencoding': 'base64' };
  assert.equal(parsingWeight({ body: Buffer.from('W10='), headers }, 1_000_000), 16);
});
