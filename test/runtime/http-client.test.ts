import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { httpEventSink } from '../../adapters/events/event-sinks.ts';
import { createHttpClient, type HttpRequest, sendHttp } from '../../runtime/http-client.ts';
import { type Listener, listen, PortTaken } from '../../runtime/listen.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

/** Some ports that `fetch` blocks according to the Fetch Standard. */
const PORTS_BLOCKED_BY_FETCH = [10080, 6697, 6669, 6668, 6667, 6666, 6566, 6000, 5061, 4045, 3659];

async function serve(t: TestContext, handler: RequestListener, port = 0): Promise<Listener> {
  const listener = await listen(handler, { host: '127.0.0.1', port });
  t.after(() => listener.close(0));
  return listener;
}

async function serveOnPortBlockedByFetch(t: TestContext, handler: RequestListener): Promise<Listener> {
  for (const port of PORTS_BLOCKED_BY_FETCH) {
    try {
      return await serve(t, handler, port);
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
    }
  }
  throw new Error('all ports that fetch blocks are in use');
}

async function ask(port: number, request: Partial<HttpRequest> = {}) {
  const defaults = { url: `http://127.0.0.1:${port}/a?b=c`, timeoutMs: 5_000, maxBytes: 1_000 };
  const { body, ...answer } = await sendHttp({ ...defaults, ...request });
  return { ...answer, text: body.toString() };
}

test('reaches a port that fetch blocks', async (t) => {
  const { port } = await serveOnPortBlockedByFetch(t, (_req, res) => void res.end('here'));
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) }));
  assert.equal((await ask(port)).text, 'here');
  const event = {
    id: '1',
    source: '/s',
    type: 't',
    subject: 's',
    time: '2026-11-22T12:00:00.000Z',
    data: {},
  };
  await httpEventSink(`http://127.0.0.1:${port}/`).emit(event, AbortSignal.timeout(5_000));
});

test('sends method, path, headers and body, and returns status, headers and text, also of redirects', async (t) => {
  const { port } = await serve(t, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      res.writeHead(307, 'Elsewhere', { location: '/other', 'x-asked': String(req.headers['x-asks']) });
      res.end(
        `${req.method} ${req.url} ${req.headers['content-length']} ${Buffer.concat(chunks).toString()}`,
      );
    });
  });
  const answer = await ask(port, { method: 'PUT', headers: { 'x-asks': 'me' }, body: 'é' });
  assert.deepEqual([answer.status, answer.statusText, answer.whole], [307, 'Elsewhere', true]);
  assert.deepEqual([answer.headers.location, answer.headers['x-asked']], ['/other', 'me']);
  assert.equal(answer.text, 'PUT /a?b=c 2 é');
});

test('cuts a body over the limit, and reports this', async (t) => {
  const { port } = await serve(t, (_req, res) => {
    // The body never ends.
    const more = (): void =>
      void (res.writableEnded || res.write('x'.repeat(10_000), () => setImmediate(more)));
    res.on('close', () => res.end());
    more();
  });
  const { text, whole } = await ask(port, { maxBytes: 15_000 });
  assert.deepEqual([text.length, whole], [15_000, false]);
});

test('does not wait for an unwanted body', async (t) => {
  const { port } = await serve(t, (_req, res) => void res.writeHead(202).write('and'));
  assert.equal((await ask(port, { maxBytes: 0 })).status, 202);
});

test('ends an unwanted endless body and its connection at the deadline', async (t) => {
  let open = 0;
  const { port } = await serve(t, (_req, res) => {
    open += 1;
    res.on('close', () => {
      open -= 1;
    });
    res.writeHead(200).write('and');
  });
  const wants = (status: number): boolean => status !== 200;
  assert.equal((await ask(port, { maxBytes: 0, timeoutMs: 200 })).status, 200);
  assert.deepEqual((await ask(port, { wantsBody: wants, timeoutMs: 200 })).text, '');
  assert.equal(open, 2);
  await until('both connections are closed', () => open === 0);
});

test('a client that keeps no connections opens one per request', async (t) => {
  const peers = new Set<number | undefined>();
  const { port } = await serve(t, (req, res) => {
    peers.add(req.socket.remotePort);
    res.end('ok');
  });
  const http = createHttpClient({ maxConnections: 4, idleMs: 0 });
  t.after(() => http.close());
  const request = { url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000, maxBytes: 10 };
  for (let turn = 0; turn < 3; turn += 1) assert.equal((await http.request(request)).status, 200);
  assert.equal(peers.size, 3);
});

test('closes an idle connection after its timeout', async (t) => {
  let open = 0;
  const { port } = await serve(t, (req, res) => {
    open += 1;
    req.socket.on('close', () => {
      open -= 1;
    });
    res.end('ok');
  });
  const http = createHttpClient({ maxConnections: 4, idleMs: 100 });
  t.after(() => http.close());
  await http.request({ url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000, maxBytes: 10 });
  assert.equal(open, 1);
  await until('the connection is closed', () => open === 0);
});

test('the deadline ends a request without an answer, and a request with an endless body', async (t) => {
  const { port } = await serve(t, (req, res) => {
    if (req.method === 'GET') res.writeHead(200).write('and');
  });
  for (const method of ['GET', 'POST'] as const)
    await assert.rejects(ask(port, { method, timeoutMs: 100 }), { name: 'TimeoutError' });
});

test('the error of an unreachable server is one sentence, also for a name with several addresses', async () => {
  const port = await freePort();
  for (const host of ['127.0.0.1', 'localhost'])
    await assert.rejects(ask(port, { url: `http://${host}:${port}/` }), /ECONNREFUSED/);
});

test('keeps a connection, and resends a request if the server has closed the connection meanwhile', async (t) => {
  const peers = new Set<number | undefined>();
  let answered = 0;
  const { port } = await serve(t, (req, res) => {
    peers.add(req.socket.remotePort);
    // The server closes the first connection when it gets a second request.
    if (peers.size === 1 && answered === 2) return req.socket.resetAndDestroy();
    answered += 1;
    res.end('ok');
  });
  for (let turn = 0; turn < 3; turn += 1) assert.equal((await ask(port)).text, 'ok');
  assert.equal(peers.size, 2);
});
