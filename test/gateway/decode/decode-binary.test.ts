import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadEvent } from '../../../gateway/decode/bad-event.ts';
import { decodeRequest } from '../../../gateway/decode/decode-request.ts';
import { rawUtf8 } from '../http.ts';
import { assertBad, BINARY, decode } from './decoded.ts';

const subjects: readonly (readonly [name: string, header: string, value: string])[] = [
  ['plain text', 'chapter-1', 'chapter-1'],
  ['the binding’s own example', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
  ['lower-case digits', 'Euro%20%e2%82%ac', 'Euro €'],
  ['unnecessary escapes', '%61%62c', 'abc'],
  ['an escaped percent sign, decoded only once', '%2525', '%25'],
  ['a lone percent sign', '100%', '100%'],
  ['a percent sign without hex digits', '5%zz%4', '5%zz%4'],
  ['a percent sign before an escape', '%%20', '% '],
  ['a plus sign', 'a+b', 'a+b'],
  ['raw UTF-8', rawUtf8('北京 €😀'), '北京 €😀'],
  ['raw UTF-8 that ends in the byte A0', rawUtf8('voilà'), 'voilà'],
  ['raw UTF-8 that ends in the byte 85', rawUtf8('…Å'), '…Å'],
  ['raw UTF-8 and escapes', `${rawUtf8('北')}%E4%BA%AC`, '北京'],
  ['a quoted value', '"Euro € 😀"'.replace(/[^ -~]+/g, rawUtf8), 'Euro € 😀'],
  ['a quoted value with escapes', '"a \\"b\\" \\\\c"', 'a "b" \\c'],
  ['a quoted value, then percent-decoded', '"a%20b"', 'a b'],
  ['a quote inside a value', 'a"b', 'a"b'],
  ['two quoted words', '"a" or "b"', '"a" or "b"'],
  ['a quoted value without an end', '"a\\"', '"a\\"'],
  ['a single quote character', '"', '"'],
  ['surrounding spaces', '  a b  ', 'a b'],
];

for (const [name, header, value] of subjects) {
  test(`decodes a header value: ${name}`, () => {
    assert.equal(decode({ ...BINARY, 'ce-subject': header }).subject, value);
  });
}

for (const header of ['%C0%A0', '%ED%A0%80', '%FF', '%E2%82', 'a\u00e9b', 'a%00b', 'a%0Ab', '%C2%85']) {
  test(`rejects ${JSON.stringify(header)}, which is not text`, () => {
    assertBad('subject', { ...BINARY, 'ce-subject': header });
  });
}

test('decodes every attribute, also extensions', () => {
  const event = decode({ ...BINARY, 'ce-id': 'a%20b', 'ce-source': '%2Fs', 'ce-city': rawUtf8('北京') });
  assert.deepEqual([event.id, event.source, event.city], ['a b', '/s', '北京']);
});

const data: readonly (readonly [
  name: string,
  type: string | undefined,
  body: string | Buffer,
  expected: object,
])[] = [
  ['JSON', 'application/json', '{"a":[1,null]}', { data: { a: [1, null] } }],
  ['JSON with parameters', 'application/json;charset=utf-8', '5', { data: 5 }],
  ['JSON by suffix', 'Application/Vnd.x+JSON', 'true', { data: true }],
  ['text/json', 'text/json', '"I\'m just a string"', { data: "I'm just a string" }],
  ['JSON with surrounding spaces', 'application/json', ' {"a":1}\n', { data: { a: 1 } }],
  ['JSON null', 'application/json', 'null', { data: null }],
  ['JSON after a byte order mark', 'application/json', '\ufeff{"a":1}', { data: { a: 1 } }],
  ['XML', 'application/xml', '<much wow="xml"/>', { data_base64: 'PG11Y2ggd293PSJ4bWwiLz4=' }],
  ['JSON in another charset', 'application/json; charset=utf-16le', Buffer.from('5', 'utf16le'), { data: 5 }],
  [
    'JSON in GBK',
    'application/json;charset="GBK"',
    Buffer.from([0x22, 0xcc, 0xec, 0xc6, 0xf8, 0x22]),
    { data: '天气' },
  ],
  [
    'JSON in windows-1252',
    'application/json; charset=windows-1252',
    Buffer.from([0x22, 0x80, 0x93, 0xe4, 0x81, 0x22]),
    { data: '€“ä\u0081' },
  ],
  [
    'JSON in ISO 8859-1',
    'application/json; charset=iso-8859-1',
    Buffer.from([0x22, 0xe4, 0x22]),
    { data: 'ä' },
  ],
  [
    'the euro sign of GBK',
    'application/json; charset=gbk',
    Buffer.from([0x22, 0xa2, 0xe3, 0x22]),
    { data: '€' },
  ],
  [
    'UTF-16 whose byte order mark says big-endian',
    'application/json; charset=utf-16',
    Buffer.from([0xfe, 0xff, 0x00, 0x22, 0x59, 0x29, 0x00, 0x22]),
    { data: '天' },
  ],
  [
    'UTF-16 whose byte order mark says little-endian',
    'application/json; charset=utf-16',
    Buffer.from([0xff, 0xfe, 0x22, 0x00, 0x29, 0x59, 0x22, 0x00]),
    { data: '天' },
  ],
  ['an object without a type', undefined, ' \n{"a":1}', { data: { a: 1 } }],
  ['an array without a type', undefined, '[1]', { data: [1] }],
  ['an object after a byte order mark, without a type', undefined, '\ufeff{"a":1}', { data: { a: 1 } }],
  ['an object with the type of a form', 'application/x-www-form-urlencoded', '{"a":1}', { data: { a: 1 } }],
  [
    'an object with the type of a form, and a charset',
    'Application/X-WWW-Form-Urlencoded; charset=utf-8',
    '{"a":1}',
    { data: { a: 1 } },
  ],
  ['a form', 'application/x-www-form-urlencoded', 'a=1', { data_base64: 'YT0x' }],
  ['a text without a type', undefined, '"a"', { data_base64: 'ImEi' }],
  ['a number without a type', undefined, '5', { data_base64: 'NQ==' }],
  ['an object that is not JSON, without a type', undefined, '{a}', { data_base64: 'e2F9' }],
  [
    'an object in UTF-16, without a type',
    undefined,
    Buffer.from('{}', 'utf16le'),
    { data_base64: 'ewB9AA==' },
  ],
  ['an object with a text type', 'text/plain', '{"a":1}', { data_base64: 'eyJhIjoxfQ==' }],
  ['text', 'text/plain; charset=utf-8', '€', { data_base64: '4oKs' }],
  ['bytes without a type', undefined, Buffer.from([0, 255]), { data_base64: 'AP8=' }],
  ['no data', 'application/json', '', {}],
];

for (const [name, type, body, expected] of data) {
  test(`reads a binary event with ${name}`, () => {
    const headers = type === undefined ? BINARY : { ...BINARY, 'content-type': type };
    const { data_base64, data: json, ...rest } = decode(headers, body);
    const payload = {
      ...(data_base64 === undefined ? {} : { data_base64 }),
      ...(json === undefined ? {} : { data: json }),
    };
    assert.deepEqual(payload, expected);
    assert.equal(rest.datacontenttype, type);
  });
}

test('ignores headers that are not attributes', () => {
  const event = decode({ ...BINARY, prefer: 'reply', 'x-request-id': '7', 'cex-a': 'b' });
  assert.deepEqual(event, { specversion: '1.0', id: '1', source: '/s', type: 't' });
});

for (const name of ['specversion', 'id', 'source', 'type']) {
  test(`rejects a missing or empty ce-${name}`, () => {
    assertBad(name, Object.fromEntries(Object.entries(BINARY).filter(([key]) => key !== `ce-${name}`)));
    assertBad(name, { ...BINARY, [`ce-${name}`]: '' });
    assertBad(name, { ...BINARY, [`ce-${name}`]: '""' });
  });
}

for (const [charset, status, message] of [
  ['klingon', 415, /^the charset "klingon" of the body is not supported; send UTF-8$/],
  ['utf-16le', 400, /^the body is not in its charset utf-16le$/],
  ['gbk', 400, /^the body is not JSON/],
  ['windows-1252', 400, /^the body is not JSON/],
] as const)
  test(`rejects JSON that cannot be decoded by its charset ${charset} with ${status}`, () => {
    const headers = { ...BINARY, 'content-type': `application/json; charset=${charset}` };
    assert.throws(() => decode(headers, 'abc'), { status, message });
  });

test('rejects an object without a type that has too many levels or too many objects', () => {
  assert.ok(decode(BINARY, `${'['.repeat(201)}${']'.repeat(201)}`).data_base64);
  assert.throws(() => decode(BINARY, `[${'{},'.repeat(100_000)}{}]`), { status: 413 });
});

test('accepts ce-datacontenttype only if it equals Content-Type', () => {
  const type = 'application/json';
  const same = { ...BINARY, 'content-type': type, 'ce-datacontenttype': 'Application/JSON' };
  assert.equal(decode(same, '5').datacontenttype, type);
  assertBad('datacontenttype', { ...BINARY, 'ce-datacontenttype': 'text/plain' });
  assertBad('datacontenttype', { ...BINARY, 'content-type': type, 'ce-datacontenttype': 'text/plain' });
  assert.throws(() => decode({ ...BINARY, 'content-type': type, 'ce-datacontenttype': 'a/b' }), {
    message:
      'header ce-datacontenttype is "a/b", but Content-Type is "application/json"; allowed: the same value',
  });
});

test('rejects names that attributes cannot have', () => {
  for (const name of ['my-ext', 'my_ext', 'data_base64', 'data', '']) {
    assertBad(name, { ...BINARY, [`ce-${name}`]: 'x' });
  }
});

test('rejects a repeated header and uses none of its values', () => {
  const request = { headers: { ...BINARY, 'ce-id': ['a', 'b'] }, body: Buffer.alloc(0) };
  assert.throws(
    () => decodeRequest(request),
    (error) =>
      error instanceof BadEvent && error.attribute === 'id' && /ce-id occurs 2 times/.test(error.message),
  );
});

test('rejects an invalid JSON body', () => {
  assert.throws(() => decode({ ...BINARY, 'content-type': 'application/json' }, '{"a":'), { status: 400 });
});

test('converts specversion 0.3 to 1.0 and schemaurl to dataschema', () => {
  const event = decode({ ...BINARY, 'ce-specversion': '0.3', 'ce-schemaurl': 'https://x/y' });
  assert.deepEqual([event.specversion, event.dataschema, event.schemaurl], ['1.0', 'https://x/y', undefined]);
});

const in03 = { ...BINARY, 'ce-specversion': '0.3', 'ce-datacontentencoding': 'base64' };

test('decodes a body of 0.3 with datacontentencoding base64', () => {
  assert.equal(decode(in03, 'AP8=').data_base64, 'AP8=');
  assert.equal(decode(in03, 'AP8=').datacontentencoding, undefined);
  assert.deepEqual(decode({ ...in03, 'content-type': 'application/json' }, 'eyJhIjoxfQ==').data, { a: 1 });
  assert.equal(decode(in03).data_base64, undefined);
  assertBad('data', in03, '*');
  assertBad('datacontentencoding', { ...in03, 'ce-datacontentencoding': 'gzip' }, 'AP8=');
});
