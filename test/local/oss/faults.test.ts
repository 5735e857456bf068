import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { type TestContext, test } from 'node:test';
import type OSS from 'ali-oss';
import { aliOss, startCloud } from '../local-cloud.ts';

interface FaultFixture {
  readonly endpoint: string;
  readonly client: OSS;
  readonly callFaults: (
    method: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: Record<string, never> }>;
  readonly set: (...rules: readonly object[]) => Promise<void>;
}

async function startOss(t: TestContext): Promise<FaultFixture> {
  const endpoint = await startCloud(t);
  const callFaults: FaultFixture['callFaults'] = async (method, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${endpoint}/-/faults`, {
      ...{ method, headers, signal: AbortSignal.timeout(10_000) },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: answer.status, body: Object(await answer.json()) };
  };
  const set: FaultFixture['set'] = async (...rules) => {
    const { status, body } = await callFaults('PUT', { rules });
    assert.equal(status, 200, body.error);
  };
  return { endpoint, client: aliOss(endpoint), callFaults, set };
}

test('answers an error as often as its rule says, and only to matching requests', async (t) => {
  const { client, callFaults, set } = await startOss(t);
  await client.put('zip/a', Buffer.from('a'));
  await client.put('other', Buffer.from('b'));
  await set({
    do: 'error',
    status: 503,
    code: 'SlowDown',
    operations: ['GetObject'],
    prefix: 'zip/',
    count: 2,
  });
  await client.put('zip/a', Buffer.from('c'));
  assert.equal((await client.get('other')).content.toString(), 'b');
  for (let n = 0; n < 2; n++)
    await assert.rejects(client.get('zip/a'), { status: 503, code: 'SlowDown', message: 'Injected fault.' });
  assert.equal((await client.get('zip/a')).content.toString(), 'c');
  const { rules } = (await callFaults('GET')).body as unknown as { rules: { count: number; left: number }[] };
  assert.deepEqual([rules[0]?.count, rules[0]?.left], [2, 0]);
});

test('an error can apply to one bucket only, and the request is not carried out', async (t) => {
  const { endpoint, client, callFaults, set } = await startOss(t);
  await client.putBucket('second');
  await set({ do: 'error', bucket: 'second' });
  await client.put('key', Buffer.from('a'));
  const second = aliOss(endpoint, { bucket: 'second' });
  await assert.rejects(second.put('key', Buffer.from('a')), { status: 503, code: 'ServiceUnavailable' });
  assert.equal((await callFaults('DELETE')).status, 200);
  await assert.rejects(second.get('key'), { code: 'NoSuchKey' });
});

test('the same seed gives the same random errors', async (t) => {
  const { endpoint, callFaults } = await startOss(t);
  const run = async (seed: number) => {
    await callFaults('POST', { seed, rules: [{ do: 'error', rate: 0.5 }] });
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) statuses.push((await fetch(`${endpoint}/eb-ask`)).status);
    return statuses;
  };
  const first = await run(7);
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
  assert.ok(first.includes(200) && first.includes(503));
});

test('a delayed request is answered late and completely', async (t) => {
  const { client, set } = await startOss(t);
  await set({ do: 'delay', ms: 300, count: 1 });
  const begun = performance.now();
  await client.put('key', Buffer.from('a'));
  assert.ok(performance.now() - begun >= 295);
});

test('a lost request is not carried out', async (t) => {
  const { endpoint, client, set } = await startOss(t);
  await set({ do: 'lose', operations: ['PutObject'], count: 1 });
  await assert.rejects(fetch(`${endpoint}/eb-ask/lost`, { method: 'PUT', body: 'a' }), /fetch failed/);
  await assert.rejects(client.get('lost'), { code: 'NoSuchKey' });
});

for (const size of [1_000, 1_000_000])
  test(`a truncation sends only the given number of the ${size} bytes`, async (t) => {
    const { endpoint, client, set } = await startOss(t);
    const bytes = randomBytes(size);
    await client.put('key', bytes);
    for (const sentBytes of [0, 700, size]) {
      await set({ do: 'truncate', bytes: sentBytes, operations: ['GetObject'], count: 1 });
      const answer = await fetch(`${endpoint}/eb-ask/key`);
      assert.deepEqual([answer.status, answer.headers.get('content-length')], [200, String(size)]);
      const received: Uint8Array[] = [];
      await assert.rejects(async () => {
        for await (const chunk of answer.body ?? []) received.push(chunk);
      }, /terminated/);
      const got = Buffer.concat(received);
      const expected = bytes.subarray(0, Math.min(sentBytes, size - 1));
      assert.equal(got.compare(expected), 0, `received ${got.length} bytes`);
    }
    assert.deepEqual((await client.get('key')).content, bytes);
  });

test('a truncated answer without a body is not sent, but the request is carried out', async (t) => {
  const { endpoint, client, set } = await startOss(t);
  await set({ do: 'truncate', operations: ['PutObject'], count: 1 });
  await assert.rejects(fetch(`${endpoint}/eb-ask/key`, { method: 'PUT', body: 'a' }), /fetch failed/);
  assert.equal((await client.get('key')).content.toString(), 'a');
});

test('answers an invalid request to /-/faults with every mistake, and changes nothing', async (t) => {
  const { callFaults, set } = await startOss(t);
  await set({ do: 'delay', ms: 0 });
  for (const [body, sentence] of [
    ['{', /^the body is not JSON: /],
    [{ rules: [{ do: 'burn' }] }, /^rules\[0\]\.do is "burn"; allowed: one of error, delay, lose, truncate$/],
    [
      { rules: [{ do: 'error', status: 200, key: 'a' }, { do: 'delay' }], seed: -1 },
      /^rules\[0\]\.status is 200; allowed: .*rules\[0\]\.key is an unknown field; .*rules\[1\]\.ms is missing; .*seed is -1; /,
    ],
    [
      { rules: [{ do: 'lose', operations: ['PutObjekt'] }] },
      /^rules\[0\]\.operations is \["PutObjekt"\]; allowed: a list of .*PutObject, .*AbortMultipartUpload/,
    ],
  ] as const) {
    const answer = await callFaults('POST', body);
    assert.match(String(answer.body.error), sentence);
    assert.equal(answer.status, 400);
  }
  const { rules } = (await callFaults('GET')).body as unknown as { rules: unknown[] };
  assert.equal(rules.length, 1);
});

test('answers 403 to a web page that sets faults', async (t) => {
  const { callFaults } = await startOss(t);
  const { status, body } = await callFaults('POST', { rules: [] }, { origin: 'http://evil.example' });
  assert.equal(status, 403);
  assert.equal(body.error, 'web pages may not set faults, but the request has origin http://evil.example');
});

for (const style of ['path', 'virtual host'] as const)
  test(`an object whose key looks like a control endpoint is an object, in ${style} style`, async (t) => {
    const { endpoint, client } = await startOss(t);
    await client.put('-/faults', Buffer.from('a'));
    const { port } = new URL(endpoint);
    const [path, host] =
      style === 'path' ? ['/eb-ask/-/faults', 'localhost'] : ['/-/faults', 'eb-ask.localhost'];
    const answer = await new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    assert.equal(answer, 'a');
  });
