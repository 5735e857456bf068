import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import type { ConnectionLimits } from '../../runtime/connection-limits.ts';
import { type Listener, listen } from '../../runtime/listen.ts';
import { until } from '../support/until.ts';

interface Handled {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

let listener: Listener;
const sockets: Socket[] = [];
/** The requests that have reached the handler, in this order. The tests answer them. */
let handled: Handled[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener.close(0);
});

async function serve(limits: Partial<ConnectionLimits> = {}, options: { stalledMs?: number } = {}) {
  handled = [];
  listener = await listen((request, response) => void handled.push({ request, response }), {
    ...{ host: '127.0.0.1', port: 0, ...options },
    limits: { connections: 3, pipelined: 4, waiting: 8, headBytes: 10_000, uncounted: 0, ...limits },
  });
}

/** Opens a connection. `received` returns what has arrived so far. */
async function open() {
  const socket = connect(listener.port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  let received = '';
  socket.on('data', (bytes) => {
    received += String(bytes);
  });
  await once(socket, 'connect');
  return { socket, received: () => received };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const gets = (count: number): string => Array.from({ length: count }, (_, n) => get(`/${n}`)).join('');
const paths = (): (string | undefined)[] => handled.map(({ request }) => request.url);
const statuses = (text: string): string[] =>
  (text.match(/HTTP\/1\.1 \d+/g) ?? []).map((line) => line.slice(-3));
const isClosed = ({ socket }: { socket: Socket }): boolean => socket.destroyed;

/** Sends a whole request, answers it, and waits for the answer. */
async function exchange(connection: Awaited<ReturnType<typeof open>>): Promise<void> {
  const before = connection.received().length;
  const count = handled.length;
  connection.socket.write(get('/'));
  await until('the request is handled', () => handled.length > count);
  handled.at(-1)?.response.end();
  await until('the answer arrives', () => connection.received().length > before);
}

test('pipelined requests reach the handler one after the other, and up to the limit all are answered', async () => {
  await serve();
  const client = await open();
  for (const round of [1, 2]) {
    client.socket.write(gets(4));
    for (let n = 0; n < 4; n++) {
      const request = await until('the next request is handled', () => handled[(round - 1) * 4 + n]);
      assert.equal(request.request.url, `/${n}`);
      assert.equal(handled.length, (round - 1) * 4 + n + 1);
      request.response.end();
    }
    await until('all are answered', () => statuses(client.received()).length === round * 4);
  }
});

test('one pipelined request more gets 503 after the answers before it, and the connection is closed', async () => {
  await serve();
  const client = await open();
  client.socket.write(gets(7));
  for (let n = 0; n < 4; n++)
    (await until('the next request is handled', () => handled[n])).response.end('x');
  await until('the connection is closed', () => isClosed(client));
  assert.deepEqual(statuses(client.received()), ['200', '200', '200', '200', '503']);
  assert.match(
    client.received(),
    /Retry-After: 1\r\n.*\{"error":"too many unanswered requests on one connection"\}$/s,
  );
  assert.deepEqual(paths(), ['/0', '/1', '/2', '/3']);
});

test('a request that waits behind another one is dropped if its client closes the connection', async () => {
  await serve();
  const client = await open();
  client.socket.write(gets(2));
  await until('the first request is handled', () => handled.length === 1);
  client.socket.destroy();
  const [first] = handled;
  await until('the first request has ended', () => first?.response.closed);
  const other = await open();
  await exchange(other);
  assert.deepEqual(paths(), ['/0', '/']);
});

test('if too many requests of all connections wait, a connection that sends one more behind another is closed', async () => {
  await serve({ connections: 10, waiting: 3 });
  const first = await open();
  first.socket.write(gets(4));
  await until('the first request is handled', () => handled.length === 1);
  const single = await open();
  await exchange(single);
  const second = await open();
  second.socket.write(gets(2));
  await until('it is closed', () => isClosed(second));
  assert.equal(isClosed(first), false);
  // The requests of the closed connection no longer count, and neither do those that were handled since then.
  handled[0]?.response.end();
  await until('the second request is handled', () => paths().at(-1) === '/1');
  const third = await open();
  third.socket.write(gets(2));
  await until('its first request is handled', () => paths().at(-1) === '/0');
  assert.equal(isClosed(third), false);
});

test('the requests of a closed connection no longer count as waiting', async () => {
  await serve({ connections: 10, waiting: 3 });
  for (let round = 0; round < 3; round++) {
    const client = await open();
    const count = handled.length;
    client.socket.write(gets(4));
    const first = await until('its first request is handled', () => handled[count]);
    client.socket.destroy();
    await until('its first request has ended', () => first.response.closed);
  }
});

test('one connection more closes the one that has gone longest without a whole request', async () => {
  await serve();
  const [silent, idle, active] = [await open(), await open(), await open()];
  silent.socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  await exchange(idle);
  await exchange(active);
  await exchange(idle);
  const fourth = await open();
  await exchange(fourth);
  await until('the silent connection is closed', () => isClosed(silent));
  const fifth = await open();
  await exchange(fifth);
  await until('the connection with the oldest request is closed', () => isClosed(active));
  assert.deepEqual([idle, fourth, fifth].map(isClosed), [false, false, false]);
});

test('a connection that has sent half of a body counts as one without a whole request', async () => {
  await serve();
  const [half, ...others] = [await open(), await open(), await open()];
  half.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na');
  await until('its request is handled', () => handled.length === 1);
  const fourth = await open();
  await until('it is closed', () => isClosed(half));
  for (const other of [...others, fourth]) await exchange(other);
});

test('if unfinished heads have too many bytes, the connection with the oldest one is closed', async () => {
  await serve();
  const [idle, older, newer] = [await open(), await open(), await open()];
  const half = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(4_900)}`;
  older.socket.write(half);
  newer.socket.write(half);
  await exchange(idle);
  newer.socket.write('x'.repeat(400));
  await until('the oldest unfinished head is dropped', () => isClosed(older));
  newer.socket.write('\r\n\r\n');
  const { response } = await until('the other one is handled', () => handled[1]);
  response.end();
  await until('it is answered', () => statuses(newer.received()).length === 1);
  assert.equal(isClosed(idle), false);
});

test('the head of a request no longer counts after its answer, or after its connection is closed', async () => {
  await serve({ connections: 10 });
  for (let round = 0; round < 4; round++) {
    const [whole, half] = [await open(), await open()];
    whole.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(4_000)}`);
    half.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(4_000)}`);
    await exchange(await open());
    whole.socket.write('\r\n\r\n');
    (await until('it is handled', () => handled[2 * round + 1])).response.end();
    await until('it is answered', () => statuses(whole.received()).length === 1);
    half.socket.end();
    await until('the other one is closed', () => isClosed(half));
  }
});

test('up to a number of connections, the heads are not counted', async () => {
  await serve({ connections: 10, uncounted: 2 });
  const long = 'x'.repeat(9_000);
  const [first, second, third] = [await open(), await open(), await open()];
  for (const { socket } of [first, second, third])
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${long}`);
  await exchange(await open());
  third.socket.write('x'.repeat(1_001));
  await until('the connection above the number is closed', () => isClosed(third));
  assert.deepEqual([first, second].map(isClosed), [false, false]);
});

test('a connection is closed if the heads of its waiting requests have too many bytes', async () => {
  await serve();
  const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(4_000)}\r\n\r\n`;
  const two = await open();
  two.socket.write(long.repeat(2));
  for (const n of [0, 1]) (await until('a request is handled', () => handled[n])).response.end();
  await until('both are answered', () => statuses(two.received()).length === 2);
  const three = await open();
  three.socket.write(long.repeat(3));
  await until('it is closed', () => isClosed(three));
  assert.equal(isClosed(two), false);
});

test('connections whose whole requests are not answered yet stay open, and a further connection is closed', async () => {
  await serve();
  const working = [await open(), await open(), await open()];
  for (const { socket } of working) socket.write(get('/'));
  await until(
    'all requests are handled',
    () => handled.length === 3 && handled.every(({ request }) => request.complete),
  );
  const fourth = await open();
  await until('it is closed', () => isClosed(fourth));
  for (const { response } of handled) response.end();
  await until('all are answered', () => working.every(({ received }) => statuses(received()).length === 1));
});

test('one connection more closes one whose client does not read its answer', async () => {
  await serve({ connections: 2 });
  const stuck = await open();
  stuck.socket.pause();
  stuck.socket.write(get('/'));
  await until('the request is handled', () => handled.length === 1);
  handled[0]?.response.end(Buffer.alloc(20_000_000));
  const other = await open();
  await exchange(other);
  const third = await open();
  await exchange(third);
  assert.equal(isClosed(third), false);
  assert.equal(handled[0]?.request.socket.destroyed, true);
});

test('a request with an unknown expectation has the same limits as others', async () => {
  await serve({ waiting: 10_000, headBytes: 10_000_000 });
  const connection = await open();
  connection.socket.write(get('/').replace('\r\n\r\n', '\r\nExpect: x\r\n\r\n').repeat(2_000));
  for (let n = 0; n < 4; n++) {
    await until(`request ${n} is handled`, () => handled.length > n);
    handled[n]?.response.end();
  }
  await until('the connection is closed', () => isClosed(connection));
  assert.deepEqual(statuses(connection.received()), ['200', '200', '200', '200', '503']);
});

test('bytes of a body whose request is answered do not count as those of a head', async () => {
  await serve({ connections: 9, headBytes: 1_000 });
  const upload = await open();
  upload.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n');
  await until('the request is handled', () => handled.length === 1);
  handled[0]?.request.resume();
  handled[0]?.response.end();
  await until('the answer arrives', () => upload.received() !== '');
  upload.socket.write('a'.repeat(4_000));
  await exchange(await open());
  assert.equal(isClosed(upload), false);
});

test('a connection is closed if its client does not read the answer', async () => {
  await serve({}, { stalledMs: 300 });
  const client = await open();
  client.socket.pause();
  client.socket.write(get('/'));
  const { response } = await until('the request is handled', () => handled[0]);
  const bytes = 32 * 1024 * 1024;
  response.end(Buffer.alloc(bytes));
  await until('the server has closed the connection', () => response.closed);
  client.socket.resume();
  await until('the client has read the rest', () => isClosed(client));
  assert.ok(client.received().length < bytes);
});

test('after the first request over the limit, the rest of the bytes that have arrived is not parsed', async () => {
  const parsed = await requestsDuring(async () => {
    await serve({ waiting: 10_000, headBytes: 10_000_000 });
    const connection = await open();
    // All of these fit into one read.
    connection.socket.write(gets(2_000));
    await until('the first request is handled', () => handled.length === 1);
    for (let n = 0; n < 4; n++) {
      await until(`request ${n} is handled`, () => handled.length > n);
      handled[n]?.response.end();
    }
    await until('the connection is closed', () => isClosed(connection));
    assert.deepEqual(statuses(connection.received()), ['200', '200', '200', '200', '503']);
  });
  assert.ok(parsed >= 5 && parsed <= 40, `${parsed} requests were parsed`);
});

test('after a connection is destroyed, the rest of the bytes that have arrived is not parsed', async () => {
  const parsed = await requestsDuring(async () => {
    await serve({ waiting: 2 });
    const connection = await open();
    connection.socket.write(gets(2_000));
    await until('the connection is closed', () => isClosed(connection));
  });
  assert.ok(parsed <= 40, `${parsed} requests were parsed`);
});

/** Counts the requests that Node.js parses during `work`, also those that do not reach the handler. */
async function requestsDuring(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const countRequest = (): void => void count++;
  subscribe('http.server.request.start', countRequest);
  try {
    await work();
  } finally {
    unsubscribe('http.server.request.start', countRequest);
  }
  return count;
}

test('the end of a connection with thousands of waiting requests creates no stack trace for those over the limit', async () => {
  await serve({ waiting: 2 });
  const connection = await open();
  const prepare = Error.prepareStackTrace;
  let formatted = 0;
  Error.prepareStackTrace = (error, calls) => {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') formatted++;
    return prepare?.(error, calls) ?? String(error);
  };
  try {
    connection.socket.write(gets(200));
    await until('the connection is closed', () => isClosed(connection));
    await until('its requests are ended', () => handled[0]?.request.destroyed === true);
  } finally {
    Error.prepareStackTrace = prepare;
  }
  // One for each of the three requests that were accepted.
  assert.ok(formatted <= 3, String(formatted));
});

test('a large body arrives whole, and a request behind it, too', async () => {
  await serve();
  const connection = await open();
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n % 251));
  const head = `POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
  connection.socket.write(Buffer.concat([Buffer.from(head), body, Buffer.from(get('/behind'))]));
  await until('the first request is handled', () => handled.length === 1);
  const chunks: Buffer[] = [];
  for await (const chunk of handled[0]?.request ?? []) chunks.push(chunk as Buffer);
  assert.ok(Buffer.concat(chunks).equals(body));
  handled[0]?.response.end();
  await until('the second request is handled', () => handled.length === 2);
  assert.equal(handled[1]?.request.url, '/behind');
});

test('waiting requests of several connections start one in each turn of the event loop', async () => {
  const turns: number[] = [];
  let turn = 0;
  let isDone = false;
  const countTurn = (): void => {
    turn++;
    if (!isDone) setImmediate(countTurn);
  };
  listener = await listen(
    (request, response) => {
      if (request.url !== '/0') turns.push(turn);
      response.end();
    },
    {
      ...{ host: '127.0.0.1', port: 0 },
      limits: { connections: 9, pipelined: 4, waiting: 20, headBytes: 10_000, uncounted: 0 },
    },
  );
  const connections = [await open(), await open(), await open()];
  setImmediate(countTurn);
  for (const { socket } of connections) socket.write(gets(4));
  await until('all are answered', () =>
    connections.every(({ received }) => statuses(received()).length === 4),
  );
  isDone = true;
  assert.equal(turns.length, 9);
  assert.equal(new Set(turns).size, 9, turns.join(' '));
});

test('a waiting request does not start after its connection is closed', async () => {
  await serve();
  const connection = await open();
  connection.socket.write(gets(2));
  await until('the first request is handled', () => handled.length === 1);
  const [first] = handled;
  // The next request is about to start in the next turn of the event loop.
  first?.response.once('close', () => first.request.socket.destroy());
  first?.response.end();
  await until('the connection is closed', () => isClosed(connection));
  await exchange(await open());
  assert.deepEqual(paths(), ['/0', '/']);
});
