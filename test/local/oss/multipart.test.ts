import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { contentFiles, startCloud, temporaryDirectory, until } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

const MIN_PART_BYTES = 100 * 1024;

async function begin(endpoint: string, key: string): Promise<string> {
  const { body } = await send(endpoint, `/eb-ask/${key}?uploads`, { method: 'POST' });
  return /<UploadId>(\w+)</.exec(body.toString())?.[1] ?? '';
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

async function uploadPart(
  endpoint: string,
  key: string,
  { id, number, body }: { id: string; number: number; body: Buffer },
) {
  const path = `/eb-ask/${key}?partNumber=${number}&uploadId=${id}`;
  const answer = await send(endpoint, path, { method: 'PUT', body });
  assert.equal(answer.status, 200, answer.body.toString());
  return String(answer.headers.etag);
}

function complete(endpoint: string, key: string, id: string, parts: readonly (readonly [number, string])[]) {
  const named = parts.map(
    ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>\n${named.join('\n')}\n</CompleteMultipartUpload>`;
  return send(endpoint, `/eb-ask/${key}?uploadId=${id}`, { method: 'POST', body });
}

test('parts become one object with the digests of the whole content', async (t) => {
  const endpoint = await startCloud(t);
  const pieces = [
    randomBytes(MIN_PART_BYTES),
    randomBytes(MIN_PART_BYTES + 1),
    randomBytes(MIN_PART_BYTES + 1),
    randomBytes(7),
  ];
  const id = await begin(endpoint, 'k');
  const parts: (readonly [number, string])[] = [];
  for (const [index, body] of pieces.entries()) {
    const number = (index + 1) * 10;
    parts.push([number, await uploadPart(endpoint, 'k', { id, number, body })]);
  }
  const completed = await complete(endpoint, 'k', id, parts);
  assert.equal(completed.status, 200);
  const whole = Buffer.concat(pieces);
  const etag = `"${md5(Buffer.concat(pieces.map(md5)))
    .toString('hex')
    .toUpperCase()}-4"`;
  assert.equal(completed.headers.etag, etag);
  const single = await send(endpoint, '/eb-ask/single', { method: 'PUT', body: whole });
  const got = await send(endpoint, '/eb-ask/k');
  assert.ok(got.body.equals(whole));
  assert.equal(got.headers['x-oss-hash-crc64ecma'], single.headers['x-oss-hash-crc64ecma']);
  assert.equal(got.headers['x-oss-object-type'], 'Multipart');
  for (const [start, end] of [
    [MIN_PART_BYTES - 1, MIN_PART_BYTES],
    [0, whole.length - 1],
    [MIN_PART_BYTES, 3 * MIN_PART_BYTES + 1],
    [whole.length - 8, whole.length - 1],
  ] as const) {
    const ranged = await send(endpoint, '/eb-ask/k', { headers: { range: `bytes=${start}-${end}` } });
    assert.equal(ranged.status, 206);
    assert.ok(ranged.body.equals(whole.subarray(start, end + 1)), `${start}-${end}`);
  }
});

test('replaces a part that is sent again, and deletes parts that are not listed', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  const id = await begin(endpoint, 'k');
  await uploadPart(endpoint, 'k', { id, number: 1, body: randomBytes(MIN_PART_BYTES) });
  const body = randomBytes(MIN_PART_BYTES);
  const etag = await uploadPart(endpoint, 'k', { id, number: 1, body });
  await uploadPart(endpoint, 'k', { id, number: 2, body: randomBytes(10) });
  assert.equal((await complete(endpoint, 'k', id, [[1, etag]])).status, 200);
  assert.ok((await send(endpoint, '/eb-ask/k')).body.equals(body));
  await until('only the named part has a file', async () => (await contentFiles(dir)).length === 1);
});

test('answers an error of OSS to an invalid completion, and keeps the upload', async (t) => {
  const endpoint = await startCloud(t);
  const id = await begin(endpoint, 'k');
  const one = await uploadPart(endpoint, 'k', { id, number: 1, body: randomBytes(MIN_PART_BYTES - 1) });
  const two = await uploadPart(endpoint, 'k', { id, number: 2, body: randomBytes(5) });
  const rows: readonly (readonly [string, string, readonly (readonly [number, string])[], number, string])[] =
    [
      ['an unknown upload', 'F'.repeat(32), [[2, two]], 404, 'NoSuchUpload'],
      ['an upload id with a wrong format', 'x', [[2, two]], 404, 'NoSuchUpload'],
      ['no parts', id, [], 400, 'MalformedXML'],
      [
        'a small part that is not the last',
        id,
        [
          [1, one],
          [2, two],
        ],
        400,
        'EntityTooSmall',
      ],
      [
        'the wrong order',
        id,
        [
          [2, two],
          [1, one],
        ],
        400,
        'InvalidPartOrder',
      ],
      [
        'one part listed twice',
        id,
        [
          [2, two],
          [2, two],
        ],
        400,
        'InvalidPartOrder',
      ],
      ['a wrong ETag', id, [[2, one]], 400, 'InvalidPart'],
      ['a part that was not uploaded', id, [[3, two]], 400, 'InvalidPart'],
    ];
  for (const [name, uploadId, parts, status, code] of rows) {
    const answer = await complete(endpoint, 'k', uploadId, parts);
    assert.deepEqual([answer.status, answer.code], [status, code], name);
  }
  const broken = await send(endpoint, `/eb-ask/k?uploadId=${id}`, { method: 'POST', body: '<Complete' });
  assert.equal(broken.code, 'MalformedXML');
  assert.equal((await send(endpoint, '/eb-ask/k')).code, 'NoSuchKey');
  assert.equal((await complete(endpoint, 'k', id, [[2, two]])).status, 200);
  assert.equal((await complete(endpoint, 'k', id, [[2, two]])).code, 'NoSuchUpload');
});

test('aborting an upload deletes its parts and its id', async (t) => {
  const dir = await temporaryDirectory(t);
  const endpoint = await startCloud(t, { dir });
  const id = await begin(endpoint, 'k');
  await uploadPart(endpoint, 'k', { id, number: 1, body: randomBytes(10) });
  assert.equal((await send(endpoint, '/eb-ask', { method: 'DELETE' })).code, 'BucketNotEmpty');
  assert.equal((await send(endpoint, `/eb-ask/k?uploadId=${id}`, { method: 'DELETE' })).status, 204);
  assert.equal((await send(endpoint, `/eb-ask/k?uploadId=${id}`, { method: 'DELETE' })).code, 'NoSuchUpload');
  const afterAbort = await send(endpoint, `/eb-ask/k?partNumber=1&uploadId=${id}`, {
    method: 'PUT',
    body: 'x',
  });
  assert.equal(afterAbort.code, 'NoSuchUpload');
  assert.equal((await send(endpoint, '/eb-ask', { method: 'DELETE' })).status, 204);
});

test('answers an error to part numbers outside 1 to 10,000', async (t) => {
  const endpoint = await startCloud(t);
  const id = await begin(endpoint, 'k');
  for (const number of ['0', '10001', 'x', '', '-1']) {
    const path = `/eb-ask/k?partNumber=${number}&uploadId=${id}`;
    assert.equal((await send(endpoint, path, { method: 'PUT', body: 'x' })).code, 'InvalidArgument', number);
  }
});

test('lists uploads in pages by key and id', async (t) => {
  const endpoint = await startCloud(t);
  const begun: string[] = [];
  for (const key of ['a', 'b', 'b', 'b', 'c/d', 'c/e', 'f'])
    begun.push(`${key} ${await begin(endpoint, key)}`);
  const seen: string[] = [];
  let marker = '';
  for (let page = 0; page < 10; page += 1) {
    const { body } = await send(endpoint, `/eb-ask?uploads&max-uploads=2${marker}`);
    const text = body.toString();
    for (const [, key, id] of text.matchAll(/<Key>([^<]*)<\/Key><UploadId>(\w+)</g))
      seen.push(`${key} ${id}`);
    if (!text.includes('<IsTruncated>true<')) break;
    const key = encodeURIComponent(/<NextKeyMarker>([^<]*)</.exec(text)?.[1] ?? '');
    marker = `&key-marker=${key}&upload-id-marker=${/<NextUploadIdMarker>([^<]*)</.exec(text)?.[1]}`;
  }
  assert.deepEqual(seen, [...begun].sort());
  const grouped = (await send(endpoint, '/eb-ask?uploads&delimiter=/&key-marker=b')).body.toString();
  assert.deepEqual(
    [...grouped.matchAll(/<Key>([^<]*)</g)].map(([, key]) => key),
    ['f'],
  );
  assert.match(grouped, /<CommonPrefixes><Prefix>c\/<\/Prefix><\/CommonPrefixes>/);
});

test('names the URL of the completed object in the style of the request', async (t) => {
  const endpoint = await startCloud(t);
  const { host, port } = new URL(endpoint);
  for (const [path, headers, expected] of [
    ['/eb-ask/zip/a%20b.zip', {}, `http://${host}/eb-ask/zip/a%20b.zip`],
    ['/zip/a%20b.zip', { host: `eb-ask.localhost:${port}` }, `http://eb-ask.localhost:${port}/zip/a%20b.zip`],
  ] as const) {
    const id = await begin(endpoint, 'zip/a%20b.zip');
    const etag = await uploadPart(endpoint, 'zip/a%20b.zip', { id, number: 1, body: Buffer.from('x') });
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
    const answer = await send(endpoint, `${path}?uploadId=${id}`, { method: 'POST', body, headers });
    assert.equal(/<Location>(.*)<\/Location>/.exec(String(answer.body))?.[1], expected);
  }
});

test('says that it does not implement upload callbacks, and keeps the upload', async (t) => {
  const endpoint = await startCloud(t);
  const id = await begin(endpoint, 'k');
  const etag = await uploadPart(endpoint, 'k', { id, number: 1, body: Buffer.from('x') });
  const headers = { 'x-oss-callback': 'e30=' };
  const rejected = await send(endpoint, `/eb-ask/k?uploadId=${id}`, { method: 'POST', body: '', headers });
  assert.deepEqual([rejected.status, rejected.code], [501, 'NotImplemented']);
  assert.equal((await complete(endpoint, 'k', id, [[1, etag]])).status, 200);
});
