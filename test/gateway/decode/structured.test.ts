import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertBad, decode, decodeAll, STRUCTURED } from './decoded.ts';

const required = { specversion: '1.0', type: 'com.example.someevent', source: '/mycontext' };
const common = {
  ...required,
  time: '2018-04-05T17:31:00Z',
  comexampleextension1: 'value',
  comexampleothervalue: 5,
};

/** JSON Event Format 1.0.2, section 3.2: what each example says, and what it means with nulls taken as absent. */
const examples: readonly (readonly [name: string, event: object, meaning: object])[] = [
  [
    'binary data',
    {
      ...common,
      id: 'A234-1234-1234',
      datacontenttype: 'application/vnd.apache.thrift.binary',
      data_base64: 'AAECAw==',
    },
    {
      ...common,
      id: 'A234-1234-1234',
      datacontenttype: 'application/vnd.apache.thrift.binary',
      data_base64: 'AAECAw==',
    },
  ],
  [
    'an XML document as text',
    {
      ...common,
      id: 'B234-1234-1234',
      unsetextension: null,
      datacontenttype: 'application/xml',
      data: '<much wow="xml"/>',
    },
    {
      ...common,
      id: 'B234-1234-1234',
      datacontenttype: 'application/xml',
      data_base64: 'PG11Y2ggd293PSJ4bWwiLz4=',
    },
  ],
  [
    'an object',
    {
      ...common,
      subject: null,
      id: 'C234-1234-1234',
      datacontenttype: 'application/json',
      data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
    },
    {
      ...common,
      id: 'C234-1234-1234',
      datacontenttype: 'application/json',
      data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
    },
  ],
  [
    'a string without a content type',
    { ...common, subject: null, id: 'D234-1234-1234', data: "I'm just a string" },
    { ...common, id: 'D234-1234-1234', data: "I'm just a string" },
  ],
];

for (const [name, event, meaning] of examples) {
  test(`the JSON format's example is read: ${name}`, () => {
    assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), meaning);
  });
}

const base = { ...required, id: '1' };

const payloads: readonly (readonly [name: string, members: object, expected: object])[] = [
  ['null is not absent', { data: null }, { data: null }],
  ['absent is absent', {}, {}],
  ['zero', { data: 0 }, { data: 0 }],
  ['false', { data: false }, { data: false }],
  ['the empty text', { data: '' }, { data: '' }],
  ['a JSON text is not parsed again', { data: '{"a":1}' }, { data: '{"a":1}' }],
  [
    'a text under +json is a JSON string',
    { datacontenttype: 'application/vnd.x+json', data: '5' },
    { data: '5' },
  ],
  [
    'a text under another type is that text',
    { datacontenttype: 'text/plain', data: '€' },
    { data_base64: '4oKs' },
  ],
  ['no bytes', { data_base64: '' }, { data_base64: '' }],
  ['an absent data_base64 as null', { data_base64: null, data: 1 }, { data: 1 }],
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

test('data and data_base64 together, or base64 that is none, are refused', () => {
  assertBad('data_base64', STRUCTURED, JSON.stringify({ ...base, data: 1, data_base64: 'AA==' }));
  for (const bad of ['A', 'AA=', 'A A=', '*', 5]) {
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
  'text/plain',
  '',
];

for (const type of types) {
  test(`an event in the JSON format is read under the content type "${type}", a byte order mark before it or not`, () => {
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
  test(`the time ${time} is kept as it came`, () => {
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
  test(`${JSON.stringify(time)} is no time`, () => {
    assertBad('time', STRUCTURED, JSON.stringify({ ...base, time }));
  });
}

test('an EventBridge stamp in an extension is text like any other', () => {
  const event = { ...base, aliyunpublishtime: '2020-08-17T16:04:42.179PRC' };
  assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), event);
});

test('0.3 with base64 in data is the same event in 1.0', () => {
  const event = { ...base, specversion: '0.3', datacontentencoding: 'base64', data: 'AP8=' };
  assert.deepEqual(decode(STRUCTURED, JSON.stringify(event)), { ...base, data_base64: 'AP8=' });
});

test('an event in another format than JSON is refused as unsupported', () => {
  for (const type of ['application/cloudevents+xml', 'application/cloudevents-batch+avro']) {
    assert.throws(() => decodeAll({ 'content-type': type }, '<a/>'), { status: 415 });
  }
});
