import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSinkClient } from '../../source/sink-client.ts';
import { selfSigned } from '../gateway/auth/self-signed.ts';
import { startReceiver } from '../support/source-receiver.ts';
import { until } from '../support/until.ts';

const event = { headers: ['ce-id', '1', 'content-type', 'application/json'], body: '{"a":"小雨"}' };

/** Starts a sink that calls `answer` after each complete request. */
async function startSink(t: TestContext, answer: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString();
      if (!received.endsWith(event.body)) return;
      answer(socket, received);
      received = '';
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const post = createSinkClient({
    ...{ url: `http://127.0.0.1:${port}/in?x=1`, caCerts: undefined, tokenFile: undefined },
    timeoutMs: 300,
  });
  return { post, sockets };
}

const neverAborted = new AbortController().signal;

test('posts an event with its headers, its body and its length in bytes', async (t) => {
  let seen = '';
  const { post } = await startSink(t, (socket, request) => {
    seen = request;
    socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  });
  assert.deepEqual(await post(event, neverAborted), { outcome: 'accepted' });
  const [head = '', body] = seen.split('\r\n\r\n');
  const lines = head.toLowerCase().split('\r\n');
  assert.equal(lines[0], 'post /in?x=1 http/1.1');
  for (const line of ['ce-id: 1', 'content-type: application/json', 'content-length: 14'])
    assert.ok(lines.includes(line), `${line} in ${head}`);
  assert.equal(body, '{"a":"小雨"}');
});

const answers: [string, (socket: Socket) => void, RegExp][] = [
  ['nothing', () => undefined, /^unavailable no complete answer within 300 ms$/],
  ['with a reset', (socket) => socket.resetAndDestroy(), /^unavailable ./],
  ['with the end of the connection', (socket) => socket.end(), /^unavailable ./],
  ['something that is not HTTP', (socket) => socket.end('hello\r\n\r\n'), /^unavailable ./],
  ['incomplete headers', (socket) => socket.write('HTTP/1.1 202 Acc'), /^unavailable no complete answer/],
  [
    'only 103 Early Hints',
    (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
    /^unavailable no complete/,
  ],
  [
    '100 Continue without a request for it, and then 202',
    (socket) =>
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'),
    /^unavailable sent 100 Continue although the request did not ask for it/,
  ],
  [
    '103 Early Hints and then 202',
    (socket) =>
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'),
    /^accepted$/,
  ],
  [
    '202 with a body that does not end',
    (socket) => socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nab'),
    /^accepted$/,
  ],
  [
    '202 with an incomplete body',
    (socket) => socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nab'),
    /^accepted$/,
  ],
  [
    '503 with a body that does not end',
    (socket) => socket.write('HTTP/1.1 503 x\r\nretry-after: 7\r\ncontent-length: 5\r\n\r\nab'),
    /^unavailable answered 503: ab after 7000$/,
  ],
  ['200', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), /^accepted$/],
  [
    '300 with a body',
    (socket) => socket.write('HTTP/1.1 300 x\r\ncontent-length: 6\r\n\r\nchoose'),
    /^refused answered 300: choose$/,
  ],
  [
    '307',
    (socket) => socket.write('HTTP/1.1 307 x\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
    /^refused answered 307$/,
  ],
  [
    'more than 200 bytes, with control characters and an incomplete last character',
    (socket) =>
      socket.end(`HTTP/1.1 422 x\r\nconnection: close\r\n\r\n{"error":\r\n\t"${'省'.repeat(300)}\u0000`),
    /^refused answered 422: \{"error": "省{62}$/,
  ],
  [
    'bytes that are not text',
    (socket) =>
      socket.end(Buffer.from('HTTP/1.1 422 x\r\nconnection: close\r\n\r\na\x00\x7fb\x85', 'latin1')),
    /^refused answered 422: a b$/,
  ],
  [
    '400 and closes the connection',
    (socket) => socket.end('HTTP/1.1 400 x\r\nconnection: close\r\n\r\nno'),
    /^refused answered 400: no$/,
  ],
];

for (const [name, answer, expected] of answers)
  test(`a sink that answers ${name}: ${expected.source}`, async (t) => {
    const { post } = await startSink(t, answer);
    const posted = await post(event, new AbortController().signal);
    const { outcome, reason = '', afterMs } = { reason: undefined, afterMs: undefined, ...posted };
    assert.match([outcome, reason, afterMs && `after ${afterMs}`].filter(Boolean).join(' '), expected);
  });

test('an aborted signal ends the posts that use it at once with the signal’s reason, and other posts continue', async (t) => {
  const waiting: Socket[] = [];
  const { post } = await startSink(t, (socket) => waiting.push(socket));
  const stopped = new AbortController();
  const reason = new Error('stopped');
  const ended = assert.rejects(post(event, stopped.signal), reason);
  const other = post(event, new AbortController().signal);
  await until('both requests have arrived', () => waiting.length === 2);
  stopped.abort(reason);
  await ended;
  await assert.rejects(post(event, stopped.signal), reason);
  for (const socket of waiting)
    if (!socket.destroyed) socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  assert.deepEqual(await other, { outcome: 'accepted' });
});

test('an answer with an incomplete body occupies its connection only until the deadline', async (t) => {
  const { post, sockets } = await startSink(t, (socket) =>
    socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nab'),
  );
  const posts = Array.from({ length: 4 }, () => post(event, neverAborted));
  await until('all requests have arrived', () => sockets.size === 4);
  for (const posted of await Promise.all(posts)) assert.deepEqual(posted, { outcome: 'accepted' });
  await until('the connections are closed', () => sockets.size === 0);
});

test('if a sink has a certificate for another host name, every attempt fails with this reason', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const cert = selfSigned({ publicKey, privateKey, host: 'elsewhere.test' });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { url } = await startReceiver(t, { key, cert });
  const post = createSinkClient({ url, caCerts: String(cert), tokenFile: undefined, timeoutMs: 2_000 });
  for (let round = 0; round < 4; round++) {
    const posted = await post(event, neverAborted);
    assert.equal(posted.outcome, 'unavailable');
    assert.match('reason' in posted ? posted.reason : '', /altnames: .*elsewhere\.test/);
  }
});
