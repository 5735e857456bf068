import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLocalDatabase } from '../../../local/database.ts';
import { openStore } from '../../../local/oss/storage/store.ts';
import { startCloud, temporaryDirectory, undoAfter } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

const append = (endpoint: string, position: number | string, body: string) =>
  send(endpoint, `/eb-ask/log?append&position=${position}`, { method: 'POST', body });

const copy = (endpoint: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
  send(endpoint, path, { method: 'PUT', headers: { 'x-oss-copy-source': '/eb-ask/log', ...headers } });

test('appends each body at the end, and returns the next position and the CRC-64 of the whole object', async (t) => {
  const endpoint = await startCloud(t);
  const first = await append(endpoint, 0, '12345');
  assert.deepEqual([first.status, first.headers['x-oss-next-append-position']], [200, '5']);
  const second = await append(endpoint, 5, '6789');
  assert.equal(second.headers['x-oss-next-append-position'], '9');
  assert.equal(second.headers['x-oss-hash-crc64ecma'], '11051210869376104954');
  assert.notEqual(second.headers.etag, first.headers.etag);
  const got = await send(endpoint, '/eb-ask/log');
  assert.equal(String(got.body), '123456789');
  assert.equal(got.headers['x-oss-object-type'], 'Appendable');
  assert.equal(got.headers['x-oss-next-append-position'], '9');
  assert.equal(got.headers['content-md5'], undefined);
});

test('rejects an append that is not at the end, and an append to an object that was put', async (t) => {
  const endpoint = await startCloud(t);
  const missing = await append(endpoint, 3, 'x');
  assert.deepEqual([missing.status, missing.code], [409, 'PositionNotEqualToLength']);
  assert.equal(missing.headers['x-oss-next-append-position'], '0');
  await append(endpoint, 0, 'abc');
  for (const position of [0, 2, 4]) {
    const wrong = await append(endpoint, position, 'x');
    assert.deepEqual([wrong.status, wrong.headers['x-oss-next-append-position']], [409, '3']);
  }
  await send(endpoint, '/eb-ask/log', { method: 'PUT', body: 'put' });
  assert.equal((await append(endpoint, 3, 'x')).code, 'ObjectNotAppendable');
  assert.equal(String((await send(endpoint, '/eb-ask/log')).body), 'put');
});

test('rejects an append without a position, and with a position that is not a number', async (t) => {
  const endpoint = await startCloud(t);
  for (const query of ['append', 'append&position=', 'append&position=test', 'append&position=-1']) {
    const answer = await send(endpoint, `/eb-ask/log?${query}`, { method: 'POST', body: 'x' });
    assert.deepEqual([answer.status, answer.code], [400, 'MissingArgument']);
    assert.match(String(answer.body), /<Message>Missing Some Required Arguments\.<\/Message>/);
  }
  assert.equal((await send(endpoint, '/eb-ask/log')).status, 404);
  for (const position of [5 * 1024 ** 3 + 1, '9'.repeat(30)])
    assert.equal((await append(endpoint, position, 'x')).code, 'PositionNotEqualToLength');
});

test('an append of zero bytes creates an object, and does not change an existing one', async (t) => {
  const endpoint = await startCloud(t);
  assert.equal((await append(endpoint, 0, '')).headers['x-oss-next-append-position'], '0');
  const first = await append(endpoint, 0, 'abc');
  const empty = await append(endpoint, 3, '');
  assert.equal(empty.status, 200);
  for (const name of ['etag', 'x-oss-hash-crc64ecma', 'x-oss-next-append-position'])
    assert.equal(empty.headers[name], first.headers[name]);
});

test('rejects an append that would make the object larger than 5 GiB', async (t) => {
  const dir = await temporaryDirectory(t);
  const database = openLocalDatabase(dir);
  undoAfter(t, () => database.close());
  const store = await openStore(dir, database, { publish: () => {} });
  store.buckets.create('eb-ask');
  const appendBytes = (position: number, size: number) => {
    const content = { size, etag: 'E', md5: '', crc64: '0', segments: [] };
    const cause = { name: 'AppendObject', id: '1', requestId: '1', sourceIp: '' } as const;
    return store.objects.append({ bucket: 'eb-ask', key: 'log' }, content, { position, headers: {} }, cause);
  };
  const limit = 5 * 1024 ** 3;
  assert.equal(appendBytes(0, limit - 1).size, limit - 1);
  assert.throws(() => appendBytes(limit - 1, 2), { code: 'EntityTooLarge' });
  assert.equal(appendBytes(limit - 1, 1).size, limit);
});

test('rejects a copy of an appendable object to another key', async (t) => {
  const endpoint = await startCloud(t);
  await append(endpoint, 0, 'abc');
  const copied = await copy(endpoint, '/eb-ask/copy');
  assert.deepEqual([copied.status, copied.code], [400, 'InvalidRequest']);
  assert.equal((await send(endpoint, '/eb-ask/copy')).status, 404);
});

test('a copy of an appendable object to itself changes its metadata, and it stays appendable', async (t) => {
  const endpoint = await startCloud(t);
  await append(endpoint, 0, 'abc');
  const headers = { 'x-oss-metadata-directive': 'REPLACE', 'x-oss-meta-a': 'b' };
  assert.equal((await copy(endpoint, '/eb-ask/log', headers)).status, 200);
  assert.equal((await append(endpoint, 3, 'def')).status, 200);
  const got = await send(endpoint, '/eb-ask/log');
  assert.deepEqual([String(got.body), got.headers['x-oss-meta-a']], ['abcdef', 'b']);
});

test('a copy over an appendable object replaces it, and it is not appendable any more', async (t) => {
  const endpoint = await startCloud(t);
  await append(endpoint, 0, 'abc');
  await send(endpoint, '/eb-ask/put', { method: 'PUT', body: 'put' });
  assert.equal((await copy(endpoint, '/eb-ask/log', { 'x-oss-copy-source': '/eb-ask/put' })).status, 200);
  assert.equal((await append(endpoint, 3, 'x')).code, 'ObjectNotAppendable');
});
