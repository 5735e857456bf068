import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type OSS from 'ali-oss';
import { aliOss, startCloud } from '../local-cloud.ts';

const unusualKeys = [
  'plain.txt',
  'with space+plus&and=equals?question#hash%percent.txt',
  'quotes\'"()*!~[]{}|^`.txt',
  '目录/文件 名.zip',
  'emoji 😀/ä.bin',
  'trailing/',
  '007',
  'a//b',
  '...',
];

const MEBIBYTE = 2 ** 20;

async function clients(t: TestContext): Promise<readonly (readonly [string, OSS])[]> {
  const endpoint = await startCloud(t);
  return [
    ['V1', aliOss(endpoint)],
    ['V4', aliOss(endpoint, { authorizationV4: true })],
  ];
}

test('ali-oss puts, reads, copies and deletes objects with any name and either signature', async (t) => {
  for (const [version, client] of await clients(t)) {
    for (const key of unusualKeys) {
      const bytes = Buffer.from(`${version} ${key}`);
      await client.put(key, bytes, { headers: { 'x-oss-meta-kept': 'yes', 'Content-Type': 'text/x-own' } });
      const got = await client.get(key);
      assert.deepEqual(got.content, bytes, key);
      const head = await client.head(key);
      assert.deepEqual(head.meta, { kept: 'yes' });
      assert.equal(Object(head.res.headers)['content-type'], 'text/x-own');
      await client.copy(`copy of ${key}`, key);
      assert.deepEqual((await client.get(`copy of ${key}`)).content, bytes);
      await client.delete(key);
      await assert.rejects(client.get(key), { code: 'NoSuchKey', status: 404 });
    }
  }
});

test('ali-oss streams objects without a known length, and empty objects', async (t) => {
  for (const [, client] of await clients(t)) {
    const bytes = randomBytes(300_000);
    await client.putStream('streamed', Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]));
    assert.deepEqual((await client.get('streamed')).content, bytes);
    await client.put('empty', Buffer.alloc(0));
    await client.putStream('empty too', Readable.from([]));
    for (const key of ['empty', 'empty too']) assert.equal((await client.get(key)).content.length, 0);
  }
});

test('ali-oss reads ranges and uses ETag conditions', async (t) => {
  for (const [, client] of await clients(t)) {
    const { res } = await client.put('ranged', Buffer.from('0123456789'));
    const etag = Object(res.headers).etag;
    const got = await client.get('ranged', { headers: { Range: 'bytes=2-4', 'If-Match': etag } });
    assert.equal(got.content.toString(), '234');
    assert.equal(got.res.status, 206);
    await assert.rejects(client.get('ranged', { headers: { 'If-Match': '"0"' } }), { status: 412 });
    const same = await client.get('ranged', { headers: { 'If-None-Match': etag } });
    assert.equal(same.res.status, 304);
  }
});

test('ali-oss uploads parts in parallel and out of order, and reads them as one object', async (t) => {
  for (const [, client] of await clients(t)) {
    const bytes = randomBytes(3 * MEBIBYTE + 5);
    const { uploadId } = await client.initMultipartUpload('parts', { headers: { 'x-oss-meta-kept': 'yes' } });
    const upload = async (number: number) => {
      const end = Math.min(number * MEBIBYTE, bytes.length);
      const part = await client.uploadPart('parts', uploadId, number, bytes, (number - 1) * MEBIBYTE, end);
      return { number, etag: part.etag };
    };
    const parts = [await upload(4), ...(await Promise.all([1, 2, 3].map(upload)))].sort(
      (a, b) => a.number - b.number,
    );
    const listed = await client.listParts(
      'parts',
      uploadId,
      { 'max-parts': 2, 'part-number-marker': 1, 'encoding-type': 'url' },
      {},
    );
    assert.deepEqual(
      Object(listed).parts.map(({ PartNumber: number }: { PartNumber: string }) => number),
      ['2', '3'],
    );
    await client.completeMultipartUpload('parts', uploadId, parts);
    const got = await client.get('parts');
    assert.ok(bytes.equals(got.content));
    assert.match(Object(got.res.headers).etag, /^"[0-9A-F]{32}-4"$/);
    assert.equal(Object(got.res.headers)['x-oss-meta-kept'], 'yes');
  }
});

test('ali-oss copies parts of an object into another object, and aborts uploads', async (t) => {
  for (const [, client] of await clients(t)) {
    const bytes = randomBytes(400_000);
    await client.put('source 源', bytes);
    const { uploadId } = await client.initMultipartUpload('target', {});
    const source = { sourceKey: 'source 源', sourceBucketName: 'eb-ask' };
    const first = await client.uploadPartCopy('target', uploadId, 1, '100-299999', source, {});
    const second = await client.uploadPartCopy('target', uploadId, 2, '300000-399999', source, {});
    await client.completeMultipartUpload('target', uploadId, [
      { number: 1, etag: first.etag },
      { number: 2, etag: second.etag },
    ]);
    assert.ok(bytes.subarray(100).equals((await client.get('target')).content));

    const aborted = await client.initMultipartUpload('given up', {});
    assert.equal((await client.listUploads({ 'max-uploads': 10 })).uploads.length, 1);
    await client.abortMultipartUpload('given up', aborted.uploadId);
    const { uploads } = await client.listUploads({ 'max-uploads': 10 });
    assert.deepEqual(uploads ?? [], []);
  }
});

test('ali-oss signs URLs that work without credentials until they expire', async (t) => {
  for (const [version, client] of await clients(t)) {
    await client.put('signed 名.txt', Buffer.from('x'));
    const address =
      version === 'V1'
        ? client.signatureUrl('signed 名.txt', { expires: 60, response: { 'content-type': 'text/own' } })
        : await client.signatureUrlV4('GET', 60, {}, 'signed 名.txt');
    const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    assert.equal(answer.status, 200, await answer.text());
    const other = await fetch(address.replace('signed', 'forged'), { signal: AbortSignal.timeout(10_000) });
    assert.equal(other.status, 403, await other.text());
  }
});

test('ali-oss manages buckets', async (t) => {
  for (const [version, client] of await clients(t)) {
    const bucket = `made-by-${version.toLowerCase()}`;
    await client.putBucket(bucket);
    await client.putBucket(bucket);
    assert.equal((await client.getBucketInfo(bucket)).bucket.Name, bucket);
    assert.equal((await client.getBucketLocation(bucket)).location, 'oss-cn-hangzhou');
    const listed = await client.listBuckets({});
    assert.deepEqual(
      Object(listed).buckets.map(({ name }: { name: string }) => name),
      ['eb-ask', bucket],
    );
    client.useBucket(bucket);
    await client.put('x', Buffer.from('x'));
    await assert.rejects(client.deleteBucket(bucket), { code: 'BucketNotEmpty', status: 409 });
    await client.delete('x');
    await client.deleteBucket(bucket);
    await assert.rejects(client.get('x'), { code: 'NoSuchBucket', status: 404 });
    client.useBucket('eb-ask');
  }
});

test('rejects a wrong secret, an unknown key, and a path that ali-oss changed after it had signed the request', async (t) => {
  const endpoint = await startCloud(t);
  for (const authorizationV4 of [false, true]) {
    const wrong = aliOss(endpoint, { authorizationV4, accessKeySecret: 'wrong' });
    await assert.rejects(wrong.put('x', Buffer.from('x')), { code: 'SignatureDoesNotMatch', status: 403 });
    const unknown = aliOss(endpoint, { authorizationV4, accessKeyId: 'unknown' });
    await assert.rejects(unknown.put('x', Buffer.from('x')), { code: 'InvalidAccessKeyId', status: 403 });
    const dots = aliOss(endpoint, { authorizationV4 }).put('unzip/a/../b', Buffer.from('x'));
    await assert.rejects(dots, { code: 'SignatureDoesNotMatch', status: 403 });
  }
});

test('ali-oss with an IP address as endpoint reaches the bucket through the Host header', async (t) => {
  const { port } = new URL(await startCloud(t));
  const client = aliOss(`http://127.0.0.1:${port}`, { sldEnable: false });
  await client.put('by host', Buffer.from('x'));
  assert.equal((await client.get('by host')).content.toString(), 'x');
});
