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

/** A sink that does as it likes with each request as soon as that is there as a whole. */
async function startSink(t: TestContext, answer: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let got = '';
    socket.on('data', (bytes) => {
      got += bytes.toString();
      if (!got.endsWith(event.body)) return;
      answer(socket, got);
      got = '';
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
    deadlineMs: 300,
  });
  return { post, sockets };
}

const never = new AbortController().signal;

test('an event is posted with its headers, its body and its length in bytes', async (t) => {
  let seen = '';
  const { post } = await startSink(t, (socket, request) => {
    seen = request;
    socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  });
  assert.deepEqual(await post(event, never), { outcome: 'accepted' });
  const [head = '', body] = seen.split('\r\n\r\n');
  const lines = head.toLowerCase().split('\r\n');
  assert.equal(lines[0], 'post /in?x=1 http/1.1');
  for (const line of ['ce-id: 1', 'content-type: application/json', 'content-length: 14'])
    assert.ok(lines.includes(line), `${line} in ${head}`);
  assert.equal(body, '{"a":"小雨"}');
});

const answers: [string, (socket: Socket) => void, RegExp][] = [
  ['nothing at all', () => undefined, /^unavailable no whole answer within 300 ms$/],
  ['a reset', (socket) => socket.resetAndDestroy(), /^unavailable ./],
  ['an end', (socket) => socket.end(), /^unavailable ./],
  ['no HTTP', (socket) => socket.end('hello\r\n\r\n'), /^unavailable ./],
  ['half a head', (socket) => socket.write('HTTP/1.1 202 Acc'), /^unavailable no whole answer/],
  [
    'only what is said on the way',
    (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
    /^unavailable no whole/,
  ],
  [
    '100 Continue, which nobody has asked for, and then 202',
    (socket) =>
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'),
    /^unavailable answered 100 Continue before its answer, although nobody had asked for that/,
  ],
  [
    'what is said on the way, and then 202',
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
    '202 with a body that breaks off',
    (socket) => socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nab'),
    /^accepted$/,
  ],
  [
    '503 with a body that does not end',
    (socket) => socket.write('HTTP/1.1 503 x\r\nretry-after: 7\r\ncontent-length: 5\r\n\r\nab'),
    /^unavailable answered 503: ab after 7000$/,
  ],
  [
    '307',
    (socket) => socket.write('HTTP/1.1 307 x\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
    /^refused answered 307$/,
  ],
  [
    'more than 200 bytes, with controls, and a character that is cut in two',
    (socket) =>
      socket.end(`HTTP/1.1 422 x\r\nconnection: close\r\n\r\n{"error":\r\n\t"${'省'.repeat(300)}\u0000`),
    /^refused answered 422: \{"error": "省{62}$/,
  ],
  [
    'what is no text',
    (socket) =>
      socket.end(Buffer.from('HTTP/1.1 422 x\r\nconnection: close\r\n\r\na\x00\x7fb\x85', 'latin1')),
    /^refused answered 422: a b$/,
  ],
  [
    '400 and an end',
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

test('what is under way ends at once with its signal, and with its reason; others go on', async (t) => {
  const waiting: Socket[] = [];
  const { post } = await startSink(t, (socket) => waiting.push(socket));
  const stopped = new AbortController();
  const reason = new Error('stopped');
  const ended = assert.rejects(post(event, stopped.signal), reason);
  const other = post(event, new AbortController().signal);
  await until('both are there', () => waiting.length === 2);
  stopped.abort(reason);
  await ended;
  await assert.rejects(post(event, stopped.signal), reason);
  for (const socket of waiting)
    if (!socket.destroyed) socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  assert.deepEqual(await other, { outcome: 'accepted' });
});

test('answers without an end hold no connection longer than until their deadline', async (t) => {
  const { post, sockets } = await startSink(t, (socket) =>
    socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nab'),
  );
  const posts = Array.from({ length: 4 }, () => post(event, never));
  await until('all are there', () => sockets.size === 4);
  for (const posted of await Promise.all(posts)) assert.deepEqual(posted, { outcome: 'accepted' });
  await until('the connections are closed', () => sockets.size === 0);
});

test('a sink whose certificate is for another name is told so at every try', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const cert = selfSigned({ publicKey, privateKey, host: 'elsewhere.test' });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { url } = await startReceiver(t, { key, cert });
  const post = createSinkClient({ url, caCerts: String(cert), tokenFile: undefined, deadlineMs: 2_000 });
  for (let round = 0; round < 4; round++) {
    const posted = await post(event, never);
    assert.equal(posted.outcome, 'unavailable');
    assert.match('reason' in posted ? posted.reason : '', /altnames: .*elsewhere\.test/);
  }
});
