import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { test } from 'node:test';
import { contentFiles, startCloud, temporaryDirectory, until } from '../local-cloud.ts';
import { send } from '../raw-request.ts';
import { type Fields, FORM_TYPE, fieldPart, filePart, formOf, formOfParts, post } from './upload-form.ts';

const md5 = (bytes: string | Buffer): string => createHash('md5').update(bytes).digest('base64');

const contentTypes: readonly (readonly [string, Fields, string | undefined, string])[] = [
  [
    'the field x-oss-content-type',
    { 'x-oss-content-type': 'image/png', 'Content-Type': 'text/css' },
    'text/html',
    'image/png',
  ],
  ['the file', { 'Content-Type': 'text/css' }, 'text/html; charset=gbk', 'text/html; charset=gbk'],
  ['the file, also if it is text/plain', { 'Content-Type': 'text/css' }, 'text/plain', 'text/plain'],
  [
    'the field Content-Type, if the file has none',
    { 'x-oss-content-type': '', 'Content-Type': 'text/css' },
    undefined,
    'text/css',
  ],
  ['OSS, if the form has none', {}, undefined, 'application/octet-stream'],
];
for (const [source, fields, type, expected] of contentTypes) {
  test(`stores the content type of ${source}`, async (t) => {
    const endpoint = await startCloud(t);
    const form = formOf({ key: 'k', ...fields }, 'hello', { filename: 'a.bin', type });
    assert.equal((await post(endpoint, form)).status, 204);
    assert.equal((await send(endpoint, '/eb-ask/k', { method: 'HEAD' })).headers['content-type'], expected);
  });
}

test('stores a file that the form sends as text without a file name', async (t) => {
  const endpoint = await startCloud(t);
  assert.equal((await post(endpoint, formOf({ key: 'k' }, 'hello', {}))).status, 204);
  assert.equal(String((await send(endpoint, '/eb-ask/k')).body), 'hello');
});

test('returns metadata of a form as UTF-8, and rejects a value that no header can contain', async (t) => {
  const endpoint = await startCloud(t);
  await post(endpoint, formOf({ key: 'k', 'x-oss-meta-title': '报告' }, 'hello'));
  const { headers } = await send(endpoint, '/eb-ask/k');
  assert.equal(Buffer.from(String(headers['x-oss-meta-title']), 'latin1').toString(), '报告');
  const answer = await post(endpoint, formOf({ key: 'other', 'x-oss-meta-title': 'a\r\nb' }, 'hello'));
  assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument']);
});

test('checks Content-MD5: the field is the MD5 of the file, the header is the MD5 of the body', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  const right = formOf({ key: 'right', 'Content-MD5': md5('hello') }, 'hello');
  assert.equal((await post(endpoint, right, { 'content-md5': md5(right) })).status, 204);
  assert.equal((await contentFiles(dir)).length, 1);
  const wrong = formOf({ key: 'k' }, 'hello');
  for (const [form, headers] of [
    [formOf({ key: 'k', 'Content-MD5': md5('other') }, 'hello'), {}],
    [formOf({ key: 'k', 'Content-MD5': 'no MD5' }, 'hello'), {}],
    [wrong, { 'content-md5': md5('hello') }],
    [wrong, { 'content-md5': 'no MD5' }],
  ] as const) {
    const answer = await post(endpoint, form, headers);
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidDigest']);
  }
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
  assert.equal((await contentFiles(dir)).length, 1);
});

test('rejects an unknown ACL, and ignores the header if the form has the field', async (t) => {
  const endpoint = await startCloud(t);
  const postAcl = (fields: Fields, header: string) =>
    post(endpoint, formOf({ key: 'k', ...fields }, 'x'), { 'x-oss-object-acl': header });
  for (const [fields, header] of [
    [{ 'x-oss-object-acl': 'bogus' }, 'private'],
    [{}, 'bogus'],
  ] as const) {
    const answer = await postAcl(fields, header);
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument']);
    assert.match(String(answer.body), /<Message>no such object access control exists<\/Message>/);
  }
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
  for (const acl of ['default', 'private', 'public-read', 'public-read-write'])
    assert.equal((await postAcl({ 'x-oss-object-acl': acl }, 'bogus')).status, 204);
});

test('says that it does not implement upload callbacks', async (t) => {
  const endpoint = await startCloud(t);
  const answer = await post(endpoint, formOf({ key: 'k', callback: 'e30=' }, 'x'));
  assert.deepEqual([answer.status, answer.code], [501, 'NotImplemented']);
  assert.match(String(answer.body), /does not implement upload callbacks.*form field callback/);
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
  assert.equal((await post(endpoint, formOf({ key: 'k', callback: '' }, 'x'))).status, 204);
});

test('answers with the status or the redirection that the form names', async (t) => {
  const endpoint = await startCloud(t);
  const ok = await post(endpoint, formOf({ key: 'k', success_action_status: '200' }, 'x'));
  assert.equal(ok.status, 200);
  const created = await post(endpoint, formOf({ key: 'k', success_action_status: '201' }, 'x'));
  assert.equal(created.status, 201);
  assert.match(String(created.body), /<PostResponse><Bucket>eb-ask<\/Bucket>.*<Key>k<\/Key>/);
  const fields = { key: 'k', success_action_redirect: 'http://page.example/done?a=1' };
  const redirected = await post(endpoint, formOf(fields, 'x'));
  assert.equal(redirected.status, 303);
  assert.match(
    redirected.headers.location ?? '',
    /^http:\/\/page\.example\/done\?a=1&bucket=eb-ask&key=k&etag=/,
  );
});

test('answers 201 with the URL of the object in the style of the request', async (t) => {
  const endpoint = await startCloud(t);
  const { host, port } = new URL(endpoint);
  const form = formOf({ key: 'zip/a b.zip', success_action_status: '201' }, 'x');
  for (const [path, headers, expected] of [
    ['/eb-ask/', {}, `http://${host}/eb-ask/zip/a%20b.zip`],
    ['/', { host: `eb-ask.localhost:${port}` }, `http://eb-ask.localhost:${port}/zip/a%20b.zip`],
  ] as const) {
    const { body } = await post(endpoint, form, headers, path);
    assert.equal(/<Location>(.*)<\/Location>/.exec(String(body))?.[1], expected);
  }
});

test('ignores fields after the file', async (t) => {
  const endpoint = await startCloud(t);
  const form = formOfParts(fieldPart(['key', 'k']), filePart('hello', {}), fieldPart(['key', 'late']));
  assert.equal((await post(endpoint, form)).status, 204);
  assert.equal((await send(endpoint, '/eb-ask/late')).status, 404);
});

const long = 'x'.repeat(2 * 1024 * 1024);
const invalid: readonly (readonly [name: string, form: Buffer, code: string])[] = [
  ['without a key', formOf({}, 'hello'), 'InvalidArgument'],
  [
    'with the key after the file',
    formOfParts(filePart('hello', {}), fieldPart(['key', 'k'])),
    'InvalidArgument',
  ],
  ['with an invalid key', formOf({ key: '/k' }, 'hello'), 'InvalidObjectName'],
  ['without a file', formOfParts(fieldPart(['key', 'k'])), 'MalformedPOSTRequest'],
  [
    'with two files',
    formOfParts(fieldPart(['key', 'k']), filePart('hello', {}), filePart('other', {})),
    'IncorrectNumberOfFilesInPOSTRequest',
  ],
  ['that ends in the file', formOf({ key: 'k' }, 'hello').subarray(0, -20), 'MalformedPOSTRequest'],
  ['that ends in a field', formOf({ key: 'k' }, 'hello').subarray(0, 60), 'MalformedPOSTRequest'],
  [
    'with a part that has no name',
    formOfParts(fieldPart(['key', 'k']).replace('name=', 'title='), filePart('hello', {})),
    'MalformedPOSTRequest',
  ],
  ['with a name of over 8 KiB', formOf({ key: 'k', ['n'.repeat(8193)]: 'v' }, 'hello'), 'FieldItemTooLong'],
  ['with a value of over 2 MiB', formOf({ key: 'k', a: `${long}x` }, 'hello'), 'FieldItemTooLong'],
  [
    'with values of over 8 MiB',
    formOf({ key: 'k', a: long, b: long, c: long, d: long }, 'hello'),
    'MaxPOSTPreDataLengthExceededError',
  ],
];
for (const [name, form, code] of invalid) {
  test(`rejects a form ${name}, and stores nothing`, async (t) => {
    const dir = await temporaryDirectory(t);
    const endpoint = await startCloud(t, { dir });
    const answer = await post(endpoint, form);
    assert.deepEqual([answer.status, answer.code], [400, code]);
    assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
    assert.deepEqual(await contentFiles(dir), []);
  });
}

test('a form that is cut off stores nothing, and the server continues', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  const form = formOf({ key: 'k' }, 'x'.repeat(300_000));
  for (const bytes of [10, 60, 200_000, form.length]) {
    const sent = request(`${endpoint}/eb-ask/`, {
      method: 'POST',
      headers: { ...FORM_TYPE, 'content-length': form.length + 1 },
    });
    const closed = new Promise((resolve) => sent.on('error', () => {}).on('close', resolve));
    await new Promise((resolve) => sent.write(form.subarray(0, bytes), resolve));
    if (bytes > 60) await until('the file is received', async () => (await contentFiles(dir)).length === 1);
    sent.destroy();
    await closed;
    await until('nothing is stored', async () => (await contentFiles(dir)).length === 0);
  }
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
});

test('rejects a body that is not a form, and a form that is larger than an object', async (t) => {
  const endpoint = await startCloud(t);
  for (const type of ['text/plain', 'multipart/form-data', 'multipart/mixed; boundary=form-boundary']) {
    const answer = await post(endpoint, formOf({ key: 'k' }, 'x'), { 'content-type': type });
    assert.deepEqual([answer.status, answer.code], [400, 'RequestIsNotMultiPartContent']);
  }
  const length = { 'content-length': String(5 * 1024 ** 3 + 1) };
  const answer = await post(endpoint, formOf({ key: 'k' }, 'x'), length);
  assert.deepEqual([answer.status, answer.code], [400, 'EntityTooLarge']);
});
