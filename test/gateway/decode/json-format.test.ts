/** The examples of "JSON Event Format for CloudEvents" 1.0.2, with their expected results. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJsonFormat } from '../../../domain/cloud-event.ts';
import { decode, decodeAll, STRUCTURED } from './decoded.ts';

const required = { specversion: '1.0', id: '1', source: '/s', type: 't' };

/** Section 2.3: attributes and their example values. */
const attributes: readonly (readonly [name: string, value: string | null])[] = [
  ['type', 'com.example.someevent'],
  ['specversion', '1.0'],
  ['source', '/mycontext'],
  ['subject', 'larger-context'],
  ['subject', null],
  ['id', '1234-1234-1234'],
  ['time', '2018-04-05T17:31:00Z'],
  ['time', null],
  ['datacontenttype', 'application/json'],
];

for (const [name, value] of attributes) {
  test(`2.3: ${name} as ${JSON.stringify(value)} is ${value === null ? 'absent' : 'that text'}`, () => {
    const event = decode(STRUCTURED, JSON.stringify({ ...required, [name]: value }));
    assert.deepEqual(event, value === null ? required : { ...required, [name]: value });
  });
}

const context = {
  specversion: '1.0',
  type: 'com.example.someevent',
  source: '/mycontext',
  time: '2018-04-05T17:31:00Z',
};
const inJson = { ...context, comexampleextension1: 'value', comexampleothervalue: 5 };
const inHeaders = {
  'ce-specversion': '1.0',
  'ce-type': 'com.example.someevent',
  'ce-source': '/mycontext',
  'ce-time': '2018-04-05T17:31:00Z',
  'ce-comexampleextension1': 'value',
  'ce-comexampleothervalue': '5',
};

interface Example {
  readonly name: string;
  readonly id: string;
  /** The members in addition to the common ones. */
  readonly members: object;
  readonly binary: { readonly contentType: string; readonly body: string | Buffer };
  /** The expected members in addition to id and the common attributes, in both modes. */
  readonly meaning: object;
  /** The meaning in binary mode, if it is another one: a body is bytes. */
  readonly binaryMeaning?: object;
}

/** Section 3.2. Four bytes replace "... base64 encoded string ..." and "...raw binary bytes...". */
const examples: readonly Example[] = [
  {
    name: 'binary data',
    id: 'A234-1234-1234',
    members: { datacontenttype: 'application/vnd.apache.thrift.binary', data_base64: 'AAECgA==' },
    binary: { contentType: 'application/vnd.apache.thrift.binary', body: Buffer.from([0, 1, 2, 128]) },
    meaning: { datacontenttype: 'application/vnd.apache.thrift.binary', data_base64: 'AAECgA==' },
  },
  {
    name: 'an XML document as text',
    id: 'B234-1234-1234',
    members: { unsetextension: null, datacontenttype: 'application/xml', data: '<much wow="xml"/>' },
    binary: { contentType: 'application/xml', body: '<much wow="xml"/>' },
    meaning: { datacontenttype: 'application/xml', data: '<much wow="xml"/>' },
    binaryMeaning: { datacontenttype: 'application/xml', data_base64: 'PG11Y2ggd293PSJ4bWwiLz4=' },
  },
  {
    name: 'a JSON object',
    id: 'C234-1234-1234',
    members: {
      subject: null,
      datacontenttype: 'application/json',
      data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
    },
    binary: {
      contentType: 'application/json',
      body: '{\n  "appinfoA" : "abc",\n  "appinfoB" : 123,\n  "appinfoC" : true\n}',
    },
    meaning: {
      datacontenttype: 'application/json',
      data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
    },
  },
  {
    name: 'a JSON string',
    id: 'D234-1234-1234',
    members: { subject: null, data: "I'm just a string" },
    binary: { contentType: 'application/json', body: '"I\'m just a string"' },
    meaning: { data: "I'm just a string" },
  },
];

for (const { name, id, members, binary, meaning, binaryMeaning = meaning } of examples) {
  test(`3.2: ${name}`, () => {
    assert.deepEqual(decode(STRUCTURED, JSON.stringify({ ...inJson, id, ...members })), {
      ...inJson,
      id,
      ...meaning,
    });
  });

  test(`3.2: ${name} in binary mode`, () => {
    const headers = { ...inHeaders, 'ce-id': id, 'content-type': binary.contentType };
    assert.deepEqual(decode(headers, binary.body), {
      ...inJson,
      // Headers have no types, and state the implied media type explicitly.
      comexampleothervalue: '5',
      datacontenttype: binary.contentType,
      id,
      ...binaryMeaning,
    });
  });
}

test('3.2: a JSON string without its quotes is an invalid event', () => {
  const headers = { ...inHeaders, 'ce-id': 'D234-1234-1234', 'content-type': 'application/json' };
  assert.throws(() => decode(headers, "I'm just a string"), { status: 400 });
});

const BATCH = { 'content-type': 'application/cloudevents-batch+json' };

test('4.3: a batch of two events', () => {
  const events = [
    {
      ...inJson,
      source: '/mycontext/4',
      id: 'B234-1234-1234',
      datacontenttype: 'application/vnd.apache.thrift.binary',
      data_base64: 'AAECgA==',
    },
    {
      ...inJson,
      type: 'com.example.someotherevent',
      source: '/mycontext/9',
      id: 'C234-1234-1234',
      time: '2018-04-05T17:31:05Z',
      datacontenttype: 'application/json',
      data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
    },
  ];
  assert.deepEqual(decodeAll(BATCH, JSON.stringify(events)).map(toJsonFormat), events);
});

test('4.3: an empty batch', () => {
  assert.deepEqual(decodeAll(BATCH, '[]'), []);
});
