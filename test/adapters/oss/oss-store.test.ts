import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { after, before, test } from 'node:test';
import { createOssStore } from '../../../adapters/oss/oss-store.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { freePort } from '../../support/free-port.ts';
import {
  type Answering,
  CORRECT_HEADERS,
  ossError,
  range,
  readAll,
  ref,
  startScriptedStore,
  version,
} from './scripted-store.ts';

let server: Awaited<ReturnType<typeof startScriptedStore>>;
before(async () => {
  server = await startScriptedStore();
});
after(() => server.stop());

const calls = {
  reading: () => readAll(server.store.read(version, range)),
  writing: () => server.store.put(ref, Buffer.from('x')),
  'looking at': () => server.store.head(ref),
} as const;

const finalErrors: readonly (readonly [status: number, code: string, type: string])[] = [
  [404, 'NoSuchBucket', 'NoSuchBucket'],
  [403, 'AccessDenied', 'AccessDenied'],
  [403, 'InvalidAccessKeyId', 'AccessDenied'],
  [403, 'SignatureDoesNotMatch', 'AccessDenied'],
  [412, 'PreconditionFailed', 'SourceChanged'],
];

for (const [status, code, type] of finalErrors) {
  for (const operation of ['reading', 'writing'] as const) {
    test(`${status} ${code} while ${operation} is ${type}, and final`, async () => {
      server.answer(ossError(status, code));
      await assert.rejects(calls[operation](), (error) => {
        assert.ok(error instanceof InvalidInput, String(error));
        assert.equal(error.type, type);
        for (const part of ['oss://eb-ask/zip/a.zip', code, 'said by the store', '5C3D9175B6FC201293AD'])
          assert.ok(error.message.includes(part), error.message);
        return true;
      });
      assert.equal(server.requests.length, 1, 'the adapter itself retries nothing');
    });
  }
}

test('a missing object is SourceGone for a reader, and undefined for head', async () => {
  server.answer(ossError(404, 'NoSuchKey'));
  await assert.rejects(calls.reading(), { type: 'SourceGone' });
  assert.equal(await calls['looking at'](), undefined);
  assert.equal(await server.store.get(ref, 100), undefined);
});

test('HEAD distinguishes a missing bucket from a missing object, by x-oss-err', async () => {
  const body = '<Error><Code>NoSuchBucket</Code><Message>said by the store</Message></Error>';
  const headers = { 'x-oss-err': Buffer.from(body).toString('base64') };
  server.answer(ossError(404, 'NoSuchBucket', { headers }));
  await assert.rejects(calls['looking at'](), { type: 'NoSuchBucket' });
});

test('403 without a body, as for HEAD, is AccessDenied', async () => {
  server.answer(ossError(403, 'AccessDenied'));
  await assert.rejects(calls['looking at'](), { name: 'InvalidInput', type: 'AccessDenied' });
});

const transientErrors: readonly (readonly [status: number, code: string])[] = [
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [503, 'ServerBusy'],
  [503, 'QpsLimitExceeded'],
  [429, 'TooManyRequests'],
];

for (const [status, code] of transientErrors) {
  for (const operation of ['reading', 'writing', 'looking at'] as const) {
    test(`${status} ${code} while ${operation} is transient`, async () => {
      server.answer(ossError(status, code));
      await assert.rejects(
        calls[operation](),
        (error) => error instanceof Unavailable && error.afterMs === undefined,
      );
      assert.equal(server.requests.length, 1);
    });
  }
}

for (const operation of ['reading', 'writing', 'looking at'] as const) {
  // OSS, "Limits": the value is how long OSS delayed the request, in ms. Sluice waits as long before the next attempt.
  test(`x-oss-qos-delay-time while ${operation} is the wait before the next attempt`, async () => {
    server.answer(ossError(503, 'ServerBusy', { headers: { 'x-oss-qos-delay-time': '1500' } }));
    await assert.rejects(
      calls[operation](),
      (error) => error instanceof Unavailable && error.afterMs === 1_500,
    );
  });
}

test('a vendor’s message is cut to 500 characters', async () => {
  server.answer(ossError(503, 'ServerBusy', { message: 'long '.repeat(10_000) }));
  await assert.rejects(calls.writing(), (error) => error instanceof Error && error.message.length <= 500);
});

test('the message does not contain a truncated answer', async () => {
  server.answer((_, response) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write('SECRET CONTENT'.repeat(1_000), () => response.destroy());
  });
  await assert.rejects(
    server.store.get(ref, 1_000_000),
    (error) => error instanceof Unavailable && error.message.length <= 500 && !/SECRET/.test(error.message),
  );
});

test('an unreachable store is transient', async () => {
  const key = { accessKeyId: 'local', accessKeySecret: 'local-secret' };
  const gone = createOssStore({ endpoint: `http://localhost:${await freePort()}`, ...key, maxSockets: 1 });
  await assert.rejects(gone.head(ref), Unavailable);
});

test('head returns version, size, checksum and metadata', async () => {
  server.answer((_, response) => {
    response.writeHead(200, {
      ...{ etag: '"5b3c1a2e053d763e1b002cc607c5a0fe"', 'content-length': '344606' },
      'x-oss-hash-crc64ecma': '18446744073709551615',
      'x-oss-meta-sluice-unsafe': 'strip',
    });
    response.end();
  });
  assert.deepEqual(await calls['looking at'](), {
    ...ref,
    metadata: { 'sluice-unsafe': 'strip' },
    ...{ etag: '5B3C1A2E053D763E1B002CC607C5A0FE', size: 344_606, crc64: '18446744073709551615' },
  });
});

test('put sends the MD5 and returns the store’s CRC-64', async () => {
  server.answer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'x-oss-hash-crc64ecma': '42' }).end());
  });
  const body = Buffer.from('hello');
  assert.deepEqual(await server.store.put(ref, body), { crc64: '42' });
  const md5 = createHash('md5').update(body).digest('base64');
  assert.equal(server.requests[0]?.headers['content-md5'], md5);
  assert.equal(server.requests[0]?.headers['content-length'], '5');
});

test('a whole object up to the limit is read, and a larger object is rejected', async () => {
  server.answer((_, response) => void response.writeHead(200).end(Buffer.alloc(100)));
  assert.equal((await server.store.get(ref, 100))?.length, 100);
  await assert.rejects(server.store.get(ref, 99), { type: 'ObjectTooLarge' });
});

test("if the source of a put fails, the source's own error is thrown", async () => {
  server.answer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end());
  });
  async function* source() {
    yield Buffer.from('abc');
    throw new InvalidInput('BadCrc', 'entry "x" is damaged');
  }
  await assert.rejects(server.store.putStream(ref, source(), 10), { type: 'BadCrc' });
});

test('the source of a put is read only as fast as the store reads', async () => {
  const chunk = Buffer.alloc(64 * 1024);
  const size = 128 * 1024 * 1024;
  let received = 0;
  let given = 0;
  let maxAhead = 0;
  server.answer((request, response) => {
    request.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    request.on('end', () => response.writeHead(200).end());
  });
  async function* source() {
    for (; given < size; given += chunk.length) {
      maxAhead = Math.max(maxAhead, given - received);
      yield chunk;
    }
  }
  await server.store.putStream(ref, source(), size);
  assert.equal(received, size);
  // The buffers of the socket take some megabytes.
  assert.ok(maxAhead < 64 * 1024 * 1024, `${maxAhead} bytes ahead`);
});

/** Answers the list of one unfinished upload, and `answering` to the call that aborts it. */
const withUnfinishedUpload =
  (answering: Answering): Answering =>
  (request, response) => {
    if (request.method === 'DELETE') return answering(request, response);
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult><Bucket>eb-ask</Bucket>' +
        `<Upload><Key>${encodeURIComponent(ref.key)}</Key><UploadId>U1</UploadId></Upload></ListMultipartUploadsResult>`,
    );
  };

test('if an unfinished upload cannot be aborted, abandonUploads fails with the error of the store', async () => {
  server.answer(withUnfinishedUpload(ossError(403, 'AccessDenied')));
  await assert.rejects(server.store.abandonUploads(ref), { name: 'InvalidInput', type: 'AccessDenied' });
  assert.match(server.requests.at(-1)?.url ?? '', /uploadId=U1/);
});

test('abandonUploads succeeds if an upload is gone before it can be aborted', async () => {
  server.answer(withUnfinishedUpload(ossError(404, 'NoSuchUpload')));
  await server.store.abandonUploads(ref);
  assert.equal(server.requests.at(-1)?.method, 'DELETE');
});

test('one signal can be used for any number of writes: after a write nothing listens to it', async () => {
  server.answer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { etag: '"ABC"' }).end());
  });
  const { signal } = new AbortController();
  const body = Buffer.from('abc');
  async function* stream() {
    yield body;
  }
  await server.store.put(ref, body, signal);
  await server.store.putStream(ref, stream(), body.length, signal);
  await server.store.uploadPart(ref, { uploadId: 'u', number: 1, body }, signal);
  server.answer(ossError(503, 'ServerBusy'));
  await assert.rejects(server.store.putStream(ref, stream(), body.length, signal), Unavailable);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('list reads all pages', async () => {
  const page = (keys: readonly string[], next = ''): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><Name>eb-ask</Name><Prefix>p/</Prefix>` +
    `<IsTruncated>${next !== ''}</IsTruncated>${next && `<NextContinuationToken>${next}</NextContinuationToken>`}` +
    `${keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('')}</ListBucketResult>`;
  server.answer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const token = searchParams.get('continuation-token');
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(token === 'T1' ? page(['p/c']) : page(['p/a', 'p/b'], 'T1'));
  });
  const keys: string[] = [];
  for await (const key of server.store.list('eb-ask', 'p/')) keys.push(key);
  assert.deepEqual(keys, ['p/a', 'p/b', 'p/c']);
});

test('an aborted call is not sent', async () => {
  server.answer((_, response) => void response.writeHead(206, CORRECT_HEADERS).end());
  const reason = new Error('cancelled');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(server.store.head(ref, signal), reason);
  await assert.rejects(server.store.put(ref, Buffer.alloc(1), signal), reason);
  await assert.rejects(readAll(server.store.read(version, range, signal)), reason);
  assert.equal(server.requests.length, 0);
});
