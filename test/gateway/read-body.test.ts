import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createBodyReader } from '../../gateway/http/read-body.ts';

/** A request whose body the test writes. */
const requestOf = () =>
  Object.assign(new PassThrough(), { headers: {} }) as unknown as IncomingMessage & PassThrough;

test('a body of a million chunks of one byte takes the memory of its bytes', async () => {
  const readBody = createBodyReader({ limit: 2_000_000, maxTotalBytes: 4_000_000 });
  const request = requestOf();
  const reading = readBody(request);
  const before = process.memoryUsage();
  for (let n = 0; n < 1_000_000; n++) request.emit('data', Buffer.from([n % 251]));
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  request.emit('end');
  const body = await reading;
  assert.ok(body !== undefined && 'bytes' in body);
  assert.equal(body.bytes.length, 1_000_000);
  assert.ok(body.bytes.every((byte, at) => byte === at % 251));
  // A list of chunks would keep about 100 MB.
  assert.ok(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers < 60_000_000);
});

for (const [name, sizes] of [
  ['one chunk', [10]],
  ['no chunk', []],
  ['chunks that grow', [1, 2, 4, 8, 100, 1]],
  ['an empty chunk first', [0, 5]],
] as const)
  test(`returns the bytes of ${name} in their order`, async () => {
    const readBody = createBodyReader({ limit: 1_000, maxTotalBytes: 10_000 });
    const request = requestOf();
    const reading = readBody(request);
    let next = 0;
    for (const size of sizes) request.emit('data', Buffer.from(Array.from({ length: size }, () => next++)));
    request.emit('end');
    const body = await reading;
    assert.ok(body !== undefined && 'bytes' in body);
    assert.deepEqual(
      [...body.bytes],
      Array.from({ length: next }, (_, n) => n),
    );
  });

test('a request whose sender has closed the connection before it is read has no body', async () => {
  const readBody = createBodyReader({ limit: 1_000, maxTotalBytes: 10_000 });
  const request = requestOf();
  request.destroy();
  await once(request, 'close');
  assert.equal(await readBody(request), undefined);
});
