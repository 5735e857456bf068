import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import { fetchDocument } from '../../../gateway/auth/fetch-document.ts';
import { listen } from '../../../runtime/listen.ts';
import { selfSigned } from './self-signed.ts';
import { eventBridgeKeys, otherKeys } from './signed-push.ts';

const cert = selfSigned({ ...eventBridgeKeys, host: 'localhost' });
const key = eventBridgeKeys.privateKey.export({ type: 'pkcs8', format: 'pem' });
const server = createServer({ cert, key }, (request, response) =>
  response.end(`${request.method} ${request.url} ${request.headers.authorization}`),
);
let url: URL;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/keys?a=b`);
});
after(() => new Promise((resolve) => server.close(resolve)));

const limits = { maxBytes: 100, timeoutMs: 2_000 };

test('fetches a document with the given certificate authority and headers', async () => {
  const headers = { authorization: 'Bearer t' };
  const document = await fetchDocument(url, { ...limits, headers, ca: cert.toString() });
  assert.equal(document.toString(), 'GET /keys?a=b Bearer t');
});

for (const [name, ca] of [
  ['the system’s authorities', undefined],
  ['another authority', selfSigned({ ...otherKeys, host: 'localhost' }).toString()],
] as const) {
  test(`does not trust a server that is unknown to ${name}`, async () => {
    await assert.rejects(
      fetchDocument(url, { ...limits, ...(ca === undefined ? {} : { ca }) }),
      (error) => error instanceof Unavailable && /certificate/.test(error.message),
    );
  });
}

test('does not trust a server with another name', async () => {
  const other = new URL(url.href.replace('localhost', '127.0.0.1'));
  await assert.rejects(fetchDocument(other, { ...limits, ca: cert.toString() }), Unavailable);
});

test('accepts a document of the maximum size, but not one that is a byte larger', async () => {
  const ca = cert.toString();
  const size = (await fetchDocument(url, { ...limits, ca })).length;
  assert.equal((await fetchDocument(url, { ...limits, ca, maxBytes: size })).length, size);
  await assert.rejects(fetchDocument(url, { ...limits, ca, maxBytes: size - 1 }), Unavailable);
});

test('omits the query from messages, because it may be a secret', async () => {
  await assert.rejects(
    fetchDocument(url, limits),
    (error) => error instanceof Unavailable && !error.message.includes('a=b'),
  );
});

test('fails immediately for an error status, and opens a connection per document', async (t) => {
  const peers = new Set<number | undefined>();
  const listener = await listen(
    (req, res) => {
      peers.add(req.socket.remotePort);
      // The body never ends.
      res.writeHead(404).write('and');
    },
    { host: '127.0.0.1', port: 0 },
  );
  t.after(() => listener.close(0));
  const missing = new URL(`http://127.0.0.1:${listener.port}/keys`);
  for (let turn = 0; turn < 2; turn += 1)
    await assert.rejects(fetchDocument(missing, limits), /answered 404$/);
  assert.equal(peers.size, 2);
});
