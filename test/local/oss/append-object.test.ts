import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

const append = (endpoint: string, position: number, body: string) =>
  send(endpoint, `/eb-ask/log?append&position=${position}`, { method: 'POST', body });

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
