import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertBad, decode, decodeAll, STRUCTURED } from './decoded.ts';

const base = { specversion: '1.0', type: 'com.example.someevent', source: '/mycontext', id: '1' };

const payloads: readonly (readonly [name: string, members: object, expected: object])[] = [
  ['null stays null', { data: null }, { data: null }],
  ['absent stays absent', {}, {}],
  ['zero', { data: 0 }, { data: 0 }],
  ['false', { data: false }, { data: false }],
  ['the empty text', { data: '' }, { data: '' }],
  ['a JSON text is not parsed again', { data: '{"a":1}' }, { data: '{"a":1}' }],
  [
    'a text under +json is a JSON string',
    { datacontenttype: 'application/vnd.x+json', data: '5' },
    { data: '5' },
  ],
  ['a text with a text media type stays text', { datacontenttype: 'text/plain', data: '€' }, { data: '€' }],
  [
    'a text with the media type of XML stays text',
    { datacontenttype: 'application/xml', data: '<a b="c"/>' },
    { data: '<a b="c"/>' },
  ],
  ['an object with a text media type', { datacontenttype: 'text/plain', data: { a: 1 } }, { data: { a: 1 } }],
  [
    'a text in a charset other than UTF-8 stays text',
    { datacontenttype: 'text/plain; charset=gbk', data: '天气' },
    { data: '天气' },
  ],
  ['bytes without a type stay bytes', { data_base64: 'eyJhIjoxfQ==' }, { data_base64: 'eyJhIjoxfQ==' }],
  [
    'bytes with a JSON media type become JSON, as in binary mode',
    { datacontenttype: 'application/vnd.x+json', data_base64: 'eyJhIjoxfQ==' },
    { data: { a: 1 } },
  ],
  [
    'bytes of JSON in another charset become JSON',
    { datacontenttype: 'application/json; charset="UTF-16LE"', data_base64: 'NQA=' },
    { data: 5 },
  ],
  ['no bytes', { data_base64: '' }, { data_base64: '' }],
  [
    'no bytes with a JSON media type',
    { datacontenttype: 'application/json', data_base64: '' },
    { data_base64: '' },
  ],
  ['data_base64 null counts as absent', { data_base64: null, data: 1 }, { data: 1 }],
];

for (const [name, members, expected] of payloads) {
  test(`data: ${name}`, () => {
    const { data, data_base64 } = decode(STRUCTURED, JSON.stringify({ ...base, ...members }));
    const found = {
      ...(data === undefined ? {} : { data }),
      ...(data_base64 === undefined ? {} : { data_base64 }),
    };
    assert.deepEqual(found, expected);
  });
}

test('rejects data together with data_base64, and invalid base64', () => {
  assertBad('data_base64', STRUCTURED, JSON.stringify({ ...base, data: 1, data_base64: 'AA==' }));
  for (const bad of ['A', 'AA=', 'A===', 'AA=A', 'A A=', '*', 'AA-_', 5, {}]) {
    assertBad('data_base64', STRUCTURED, JSON.stringify({ ...base, data_base64: bad }));
  }
});

const types = [
  'application/cloudevents+json',
  'application/cloudevents+json; charset=UTF-8',
  'Application/CloudEvents+Json;charset=utf-8',
  'application/json',
  'application/json;charset=utf-8',
  'application/x-www-form-urlencoded',
  'application/cloudevents',
  // RFC 8259: a charset has no meaning for JSON, which is UTF-8.
  'application/json; charset=utf-16',
  'text/plain',
  '',
];

for (const type of types) {
  test(`reads an event in JSON format with the content type "${type}", with and without a byte order mark`, () => {
    const headers = type === '' ? {} : { 'content-type': type };
    for (const mark of ['', '\ufeff']) {
      assert.deepEqual(decode(headers, `${mark}${JSON.stringify(base)}`), base);
    }
  });
}

const stamps = [
  '2018-04-05T17:31:00Z',
  '2018-04-05T17:31:00.123456789Z',
  '2018-04-05t17:31:00z',
  '2018-04-05T17:31:00+08:00',
  '2018-04-05T17:31:00-23:59',
  '2016-12-31T23:59:60Z',
  '2024-02-29T00:00:00Z',
  '2020-08-17T16:04:46.149Asia/Shanghai',
  '2020-08-17T16:04:42.179PRC',
];

for (const time of stamps) {
  test(`keeps the time ${time} unchanged`, () => {
    assert.equal(decode(STRUCTURED, JSON.stringify({ ...base, time })).time, time);
  });
}

const noTimes = [
  '',
  'today',
  '2018-04-05',
  '2018-04-05T17:31:00',
  '2018-04-05T17:31Z',
  '2018-13-05T17:31:00Z',
  '2018-00-05T17:31:00Z',
  '2018-02-29T17:31:00Z',
  '2018-04-31T17:31:00Z',
  '2018-04-00T17:31:00Z',
  '2018-04-05T24:00:00Z',
  '2018-04-05T17:60:00Z',
  '2018-04-05T17:31:61Z',
  '2018-04-05T17:31:00+24:00',
  '2018-04-05T17:31:00+08:60',
  '2018-04-05T17:31:00Mars/Olympus',
  1522949460,
];

for (const time of noTimes) {
  test(`rejects ${JSON.stringify(time)} as a time`, () => {
    assertBad('time', STRUCTURED, JSON.stringify({ ...base, time }));
  });
}

test('accepts an EventBridge timestamp in an extension as text', () => {
  const event = { ...base, aliyunpublishtime: '2020-08-17T16:04:42.179PRC' };
  assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), event);
});

const in03: readonly (readonly [name: string, members: object, expected: object])[] = [
  ['base64 in data becomes bytes', { datacontentencoding: 'base64', data: 'AP8=' }, { data_base64: 'AP8=' }],
  [
    'base64 in data with a JSON media type becomes JSON',
    { datacontentencoding: 'Base64', datacontenttype: 'application/json', data: 'eyJhIjoxfQ==' },
    { datacontenttype: 'application/json', data: { a: 1 } },
  ],
  ['an encoding that changes nothing', { datacontentencoding: '8bit', data: 'x' }, { data: 'x' }],
  ['an attribute with the name of an object method', { constructor: 'x' }, { constructor: 'x' }],
  ['schemaurl becomes dataschema', { schemaurl: 'https://x/y' }, { dataschema: 'https://x/y' }],
];

for (const [name, members, expected] of in03) {
  test(`converts a 0.3 event to 1.0: ${name}`, () => {
    const event = { ...base, specversion: '0.3', ...members };
    assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), { ...base, ...expected });
  });
}

const bad03: readonly (readonly [attribute: string, members: object])[] = [
  ['data', { datacontentencoding: 'base64', data: 'A' }],
  ['data', { datacontentencoding: 'base64', data: { a: 1 } }],
  ['datacontentencoding', { datacontentencoding: 'quoted-printable', data: 'x' }],
  ['datacontentencoding', { datacontentencoding: 64, data: 'x' }],
];

for (const [attribute, members] of bad03) {
  test(`rejects a 0.3 event with ${JSON.stringify(members)} and names ${attribute}`, () => {
    assertBad(attribute, STRUCTURED, JSON.stringify({ ...base, specversion: '0.3', ...members }));
  });
}

test('datacontentencoding is a normal extension in 1.0', () => {
  const event = { ...base, datacontentencoding: 'base64', data: 'AP8=' };
  assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), event);
});

test('rejects data_base64 with a JSON media type that is not JSON, as in binary mode', () => {
  const event = { ...base, datacontenttype: 'application/json', data_base64: 'AP8=' };
  assert.throws(() => decode(STRUCTURED, JSON.stringify(event)), { status: 400, message: /data_base64/ });
});

test('answers 415 to an event in a format other than JSON', () => {
  for (const type of [
    'application/cloudevents+xml',
    'application/cloudevents-batch+avro',
    'application/cloudeventsx',
    'Application/CloudEvents-BatchX',
  ]) {
    assert.throws(() => decodeAll({ 'content-type': type }, '<a/>'), { status: 415 });
  }
});
