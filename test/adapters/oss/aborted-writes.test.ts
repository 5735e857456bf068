import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { createOssStore } from '../../../adapters/oss/oss-store.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';

const received: string[] = [];
const server = createServer((request, response) => {
  received.push(`${request.method} ${request.url}`);
  request.resume().on('end', () => response.end());
});
let store: ObjectStore;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const key = { accessKeyId: 'id', accessKeySecret: 'secret' };
  store = createOssStore({ endpoint: `http://127.0.0.1:${port}`, ...key, maxSockets: 1 });
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received.length = 0;
});

const reason = new Error('the worker was paused');

/**
 * A signal that is aborted when code reads its property `aborted`. A call begins with
 * `throwIfAborted`, which does not read the property. So the first read is in the check directly before the request is sent.
 */
function abortedLater(): AbortSignal {
  const controller = new AbortController();
  return Object.defineProperty(controller.signal, 'aborted', {
    get() {
      controller.abort(reason);
      return true;
    },
  });
}

const ref = { bucket: 'eb-ask', key: 'unzip/a' };
const body = Buffer.from('content');
const writes: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  put: (signal) => store.put(ref, body, signal),
  startUpload: (signal) => store.startUpload(ref, signal),
  uploadPart: (signal) => store.uploadPart(ref, { uploadId: 'u', number: 1, body }, signal),
  completeUpload: (signal) => store.completeUpload(ref, 'u', [], signal),
  remove: (signal) => store.remove('eb-ask', ['unzip/a'], signal),
};
for (const [name, write] of Object.entries(writes)) {
  test(`${name} sends nothing on a new connection if its signal was aborted while it connected`, async () => {
    await assert.rejects(write(abortedLater()), (error) => error === reason);
    assert.deepEqual(received, []);
  });
}

test('nothing is sent on an open connection if the signal was aborted before', async () => {
  await store.put(ref, body);
  received.length = 0;
  await assert.rejects(store.put(ref, body, abortedLater()), (error) => error === reason);
  assert.deepEqual(received, []);
});

test('a request that waits for another one is not sent if the signal was aborted meanwhile', async () => {
  const first = store.put(ref, body);
  const second = store.put({ ...ref, key: 'unzip/b' }, body, abortedLater());
  await assert.rejects(second, (error) => error === reason);
  await first;
  assert.deepEqual(
    received.map((line) => line.replace(/\?.*$/, '')),
    ['PUT /eb-ask/unzip/a'],
  );
});

test('a request whose signal is not aborted is sent', async () => {
  await store.put(ref, body, new AbortController().signal);
  assert.equal(received.length, 1);
});
