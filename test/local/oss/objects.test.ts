import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { contentFiles, startCloud, temporaryDirectory, until } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

const BIG = 3_000_000;

const bodies: readonly (readonly [string, Buffer, boolean])[] = [
  ['empty', Buffer.alloc(0), false],
  ['empty in chunks', Buffer.alloc(0), true],
  ['small', Buffer.from('hello'), false],
  ['small in chunks', randomBytes(25_000), true],
  ['as large as a small object can be', randomBytes(64 * 1024), false],
  ['one byte larger than a small object', randomBytes(64 * 1024 + 1), false],
  ['large', randomBytes(BIG), false],
  ['large in chunks', randomBytes(BIG), true],
];

for (const [name, body, chunked] of bodies) {
  test(`returns a body unchanged and with its digests: ${name}`, async (t) => {
    const endpoint = await startCloud(t);
    const md5 = createHash('md5').update(body).digest();
    const put = await send(endpoint, '/eb-ask/k', { method: 'PUT', body, chunked });
    assert.equal(put.status, 200);
    assert.equal(put.headers.etag, `"${md5.toString('hex').toUpperCase()}"`);
    const got = await send(endpoint, '/eb-ask/k');
    assert.ok(got.body.equals(body));
    assert.equal(got.headers['content-md5'], md5.toString('base64'));
    assert.equal(got.headers['x-oss-hash-crc64ecma'], put.headers['x-oss-hash-crc64ecma']);
    const head = await send(endpoint, '/eb-ask/k', { method: 'HEAD' });
    assert.equal(head.headers['content-length'], String(body.length));
    assert.equal(head.body.length, 0);
  });
}

test('returns the CRC-64 that OSS documents', async (t) => {
  const endpoint = await startCloud(t);
  const put = await send(endpoint, '/eb-ask/k', { method: 'PUT', body: '123456789' });
  assert.equal(put.headers['x-oss-hash-crc64ecma'], '11051210869376104954');
});

const ranges: readonly (readonly [range: string, standard: boolean, status: number, body: string])[] = [
  ['bytes=0-0', false, 206, '0'],
  ['bytes=2-4', false, 206, '234'],
  ['bytes=7-', false, 206, '789'],
  ['bytes=-3', false, 206, '789'],
  ['bytes=-10', false, 206, '0123456789'],
  ['bytes=5-20', false, 200, '0123456789'],
  ['bytes=5-20', true, 206, '56789'],
  ['bytes=10-', false, 200, '0123456789'],
  ['bytes=10-', true, 416, ''],
  ['bytes=-11', false, 200, '0123456789'],
  ['bytes=-11', true, 206, '0123456789'],
  ['bytes=-0', true, 416, ''],
  ['bytes=4-2', false, 200, '0123456789'],
  ['bytes=x', false, 200, '0123456789'],
  ['bytes=0-1,3-4', false, 200, '0123456789'],
];

test('serves ranges as OSS documents them', async (t) => {
  const endpoint = await startCloud(t);
  await send(endpoint, '/eb-ask/k', { method: 'PUT', body: '0123456789' });
  for (const [range, standard, status, body] of ranges) {
    const headers = standard ? { range, 'x-oss-range-behavior': 'standard' } : { range };
    const got = await send(endpoint, '/eb-ask/k', { headers });
    assert.equal(got.status, status, `${range} ${standard}`);
    if (status === 416) assert.equal(got.code, 'InvalidRange');
    else assert.equal(got.body.toString(), body, `${range} ${standard}`);
    const start = '0123456789'.indexOf(body);
    const expected = status === 206 ? `bytes ${start}-${start + body.length - 1}/10` : undefined;
    assert.equal(got.headers['content-range'], expected, range);
  }
});

test('checks conditions on ETag and date', async (t) => {
  const endpoint = await startCloud(t);
  const { headers } = await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'x' });
  const etag = headers.etag ?? '';
  const past = 'Sat, 01 Jan 2000 00:00:00 GMT';
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
  const rows: readonly (readonly [Record<string, string>, number])[] = [
    [{ 'if-match': etag }, 200],
    [{ 'if-match': etag.toLowerCase().replaceAll('"', '') }, 200],
    [{ 'if-match': '"0"' }, 412],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': '"0"' }, 200],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-modified-since': future }, 304],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-unmodified-since': future }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': past }, 200],
  ];
  for (const [conditions, status] of rows) {
    for (const method of ['GET', 'HEAD']) {
      const got = await send(endpoint, '/eb-ask/k', { method, headers: conditions });
      assert.equal(got.status, status, `${method} ${JSON.stringify(conditions)}`);
    }
  }
});

const invalidRequests: readonly (readonly [
  name: string,
  path: string,
  request: object,
  status: number,
  code: string,
])[] = [
  [
    'a wrong MD5',
    '/eb-ask/k',
    { method: 'PUT', body: 'x', headers: { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' } },
    400,
    'InvalidDigest',
  ],
  [
    'a malformed MD5',
    '/eb-ask/k',
    { method: 'PUT', body: 'x', headers: { 'content-md5': 'x' } },
    400,
    'InvalidDigest',
  ],
  ['a missing bucket', '/no-such/k', { method: 'PUT', body: 'x' }, 404, 'NoSuchBucket'],
  ['a missing key', '/eb-ask/k', {}, 404, 'NoSuchKey'],
  [
    'a bucket name that OSS does not allow',
    '/UPPER/k',
    { method: 'PUT', body: 'x' },
    400,
    'InvalidBucketName',
  ],
  ['a bucket name of dots', '/..', {}, 400, 'InvalidBucketName'],
  ['a leading slash', '/eb-ask//k', { method: 'PUT', body: 'x' }, 400, 'InvalidObjectName'],
  ['a leading backslash', '/eb-ask/%5Ck', { method: 'PUT', body: 'x' }, 400, 'InvalidObjectName'],
  [
    'a key of 1,024 bytes',
    `/eb-ask/${'k'.repeat(1024)}`,
    { method: 'PUT', body: 'x' },
    400,
    'InvalidObjectName',
  ],
  ['a key that is not UTF-8', '/eb-ask/%ff', { method: 'PUT', body: 'x' }, 400, 'InvalidObjectName'],
  ['an unsupported method', '/eb-ask/k', { method: 'PATCH' }, 405, 'MethodNotAllowed'],
  ['an unsupported operation', '/eb-ask/k?tagging', {}, 501, 'NotImplemented'],
  ['an unknown Host', '/eb-ask/k', { headers: { host: 'evil.example' } }, 400, 'InvalidArgument'],
  ['a web page', '/eb-ask/k', { headers: { origin: 'http://evil.example' } }, 403, 'AccessDenied'],
];

test('answers an invalid request with the code of OSS, and stores nothing', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  for (const [name, path, request, status, code] of invalidRequests) {
    const got = await send(endpoint, path, request);
    assert.deepEqual([got.status, got.code], [status, code], name);
    assert.match(got.body.toString(), /<RequestId>[0-9A-F]{24}<\/RequestId><HostId>/, name);
  }
  assert.deepEqual(await contentFiles(dir), []);
});

test('a browser shows an extracted HTML file as a page without scripts and without an origin', async (t) => {
  const endpoint = await startCloud(t);
  const put = { method: 'PUT', body: '<script>fetch("http://127.0.0.1:8080")</script>' };
  await send(endpoint, '/eb-ask/page.html', { ...put, headers: { 'content-type': 'text/html' } });
  for (const method of ['GET', 'HEAD'])
    for (const path of ['/eb-ask/page.html', '/eb-ask/page.html?response-content-type=image%2Fsvg%2Bxml']) {
      const { headers } = await send(endpoint, path, { method });
      assert.equal(headers['content-security-policy'], 'sandbox');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  for (const method of ['GET', 'HEAD']) {
    const unchanged = await send(endpoint, '/eb-ask/page.html', {
      method,
      headers: { 'if-none-match': '*' },
    });
    assert.equal(unchanged.status, 304);
    assert.equal(unchanged.headers['content-security-policy'], 'sandbox');
    assert.equal(unchanged.headers['x-content-type-options'], 'nosniff');
  }
});

test('keys are literal: dot segments, slashes and control characters have no special meaning', async (t) => {
  const endpoint = await startCloud(t);
  const paths = [
    '/eb-ask/a/../b',
    '/eb-ask/a/./b',
    '/eb-ask/..',
    '/eb-ask/%2e%2e/x',
    '/eb-ask/a%2Fb%20c%00d',
  ];
  for (const path of paths) {
    assert.equal((await send(endpoint, path, { method: 'PUT', body: path })).status, 200, path);
  }
  for (const path of paths) {
    assert.equal((await send(endpoint, path)).body.toString(), path);
  }
  const list = await send(endpoint, '/eb-ask?encoding-type=url');
  const keys = [...list.body.toString().matchAll(/<Key>([^<]*)</g)].map(([, key = '']) =>
    decodeURIComponent(key),
  );
  assert.deepEqual(keys, ['..', '../x', 'a/../b', 'a/./b', 'a/b c\0d']);
});

test('does not overwrite an object if the request forbids it', async (t) => {
  const endpoint = await startCloud(t);
  const headers = { 'x-oss-forbid-overwrite': 'true' };
  assert.equal((await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'first', headers })).status, 200);
  const second = await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'second', headers });
  assert.deepEqual([second.status, second.code], [409, 'FileAlreadyExists']);
  assert.equal((await send(endpoint, '/eb-ask/k')).body.toString(), 'first');
});

test('a body that is cut off stores nothing and leaves no files', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'whole' });
  const port = Number(new URL(endpoint).port);
  for (const framing of ['Content-Length: 500000', 'Content-Length: 50', 'Transfer-Encoding: chunked']) {
    for (const how of ['end', 'reset'] as const) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      const closed = new Promise((resolve) => socket.on('close', resolve));
      const piece = framing.startsWith('T') ? '5\r\nhello\r\n' : 'hello';
      await new Promise((resolve) =>
        socket.write(`PUT /eb-ask/k HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${piece}`, resolve),
      );
      if (how === 'end') socket.end();
      else socket.resetAndDestroy();
      await closed;
    }
  }
  assert.equal((await send(endpoint, '/eb-ask/k')).body.toString(), 'whole');
  await until('only the whole object has a file', async () => (await contentFiles(dir)).length === 1);
});

test('a reader gets the complete old content of an object that is replaced', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  const old = randomBytes(20 * 2 ** 20);
  await send(endpoint, '/eb-ask/k', { method: 'PUT', body: old });
  const reading = await fetch(`${endpoint}/eb-ask/k`, { signal: AbortSignal.timeout(20_000) });
  const reader = reading.body?.getReader();
  const first = await reader?.read();
  await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'new' });
  assert.equal((await send(endpoint, '/eb-ask/k')).body.toString(), 'new');
  const hash = createHash('md5').update(first?.value ?? '');
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
    hash.update(piece.value);
  assert.equal(hash.digest('hex'), createHash('md5').update(old).digest('hex'));
  await until('the old content is deleted', async () => (await contentFiles(dir)).length === 1);
});

test('rejects an unknown ACL of an object or a bucket', async (t) => {
  const endpoint = await startCloud(t);
  await send(endpoint, '/eb-ask/k', { method: 'PUT', body: 'x' });
  const bogus = { 'x-oss-object-acl': 'bogus' };
  const write = (acl: Readonly<Record<string, string>>) =>
    [
      ['/eb-ask/put', { method: 'PUT', body: 'x', headers: acl }],
      ['/eb-ask/append?append&position=0', { method: 'POST', body: 'x', headers: acl }],
      ['/eb-ask/copy', { method: 'PUT', headers: { 'x-oss-copy-source': '/eb-ask/k', ...acl } }],
    ] as const;
  for (const [path, request] of write(bogus)) {
    const answer = await send(endpoint, path, request);
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument']);
    assert.match(String(answer.body), /<Message>no such object access control exists<\/Message>/);
  }
  for (const [path, request] of write({ 'x-oss-object-acl': 'public-read' }))
    assert.equal((await send(endpoint, path, request)).status, 200);
  const bucket = (acl: string) =>
    send(endpoint, '/other-bucket', { method: 'PUT', headers: { 'x-oss-acl': acl } });
  const answer = await bucket('default');
  assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument']);
  assert.match(String(answer.body), /<Message>no such bucket access control exists<\/Message>/);
  assert.equal((await bucket('public-read-write')).status, 200);
});

test('says that it does not implement upload callbacks', async (t) => {
  const endpoint = await startCloud(t);
  for (const [path, headers] of [
    ['/eb-ask/k', { 'x-oss-callback': 'e30=' }],
    ['/eb-ask/k?callback=e30%3D', {}],
  ] as const) {
    const answer = await send(endpoint, path, { method: 'PUT', body: 'x', headers });
    assert.deepEqual([answer.status, answer.code], [501, 'NotImplemented']);
    assert.match(String(answer.body), /does not implement upload callbacks/);
  }
  assert.equal((await send(endpoint, '/eb-ask/k')).status, 404);
});
