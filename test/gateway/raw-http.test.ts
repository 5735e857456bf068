import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { assertAccepted, send } from './http.ts';
import { JSON_TYPE } from './request-parts.ts';
import { BODY_LIMIT, startGateway } from './running-gateway.ts';

// Events that no route matches need no Temporal, so these tests run without it.
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  gateway = await startGateway(`127.0.0.1:${await freePort()}`);
});
after(() => gateway.stop());

/** Writes bytes to a new connection, and returns everything that it receives until the connection is closed. */
function exchange(bytes: Buffer, { thenClose = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(gateway.port, '127.0.0.1', () => {
      socket.write(bytes, () => {
        if (thenClose) socket.destroy();
      });
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

/** Writes each text, and waits for its number of answers, before the next one. Returns everything that it receives. */
function conversation(steps: readonly (readonly [text: string, answers: number])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const waiting = [...steps];
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(waiting[0]?.[0] ?? ''));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer within 10 s: ${received}`)));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      const answers = received.match(/^HTTP\/1\.1 /gm)?.length ?? 0;
      if (answers < (waiting[0]?.[1] ?? Number.POSITIVE_INFINITY)) return;
      waiting.shift();
      const [next] = waiting;
      if (next !== undefined) socket.write(next[0]);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

const head = (lines: readonly string[]): string =>
  ['POST / HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n');

const binary = (id: string, lines: readonly string[]): Buffer =>
  Buffer.from(
    head([
      ...['ce-specversion: 1.0', `ce-id: ${id}`, 'ce-source: /wire', 'ce-type: not.routed', ...lines],
      ...['Content-Length: 0', 'Connection: close'],
    ]),
  );

const eventOf = (id: string) => gateway.received.find(({ event }) => event?.id === id)?.event;

const values: readonly (readonly [name: string, line: string, value: string])[] = [
  ['raw UTF-8', 'ce-subject: Euro € 😀 北京', 'Euro € 😀 北京'],
  ['raw UTF-8 that ends in the byte A0', 'ce-subject: 堠', '堠'],
  ['percent-encoding', 'ce-subject: Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
  ['a quoted value', 'ce-subject: "Euro \\"€\\" 😀"', 'Euro "€" 😀'],
  ['a lone percent sign', 'ce-subject: 100%', '100%'],
  ['a header name in capitals', 'CE-SUBJECT:x', 'x'],
];

for (const [index, [name, line, value]] of values.entries()) {
  test(`decodes the bytes of a header: ${name}`, async () => {
    const answer = await exchange(binary(`wire-${index}`, [line]));
    assert.match(answer, /^HTTP\/1\.1 202 /);
    assert.equal(eventOf(`wire-${index}`)?.subject, value);
  });
}

test('answers 400 to header bytes that are not UTF-8, and names the attribute', async () => {
  const bytes = binary('latin1', ['ce-subject: caf?']);
  bytes[bytes.indexOf('caf?') + 3] = 0xe9;
  const answer = await exchange(bytes);
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /\{"error":"[^}]*subject/);
});

test('ignores a body that ends early', async () => {
  const event = '{"specversion":"1.0","id":"torn","source":"/wire","type":"not.routed"}';
  const lines = ['Content-Type: application/cloudevents+json', `Content-Length: ${event.length + 1}`];
  await exchange(Buffer.from(head(lines) + event), { thenClose: true });
  // When the next request is answered, the incomplete request has been handled. It does not count as an event.
  const before = gateway.received.length;
  await exchange(binary('after-the-torn', ['Connection: close']));
  await until('the next event is received', () => eventOf('after-the-torn') !== undefined);
  assert.equal(gateway.received.length, before + 1);
  assert.equal(eventOf('torn'), undefined);
});

test('accepts a body without a length', async () => {
  const event = '{"specversion":"1.0","id":"chunked","source":"/wire","type":"not.routed"}';
  const lines = ['Transfer-Encoding: chunked', 'Connection: close'];
  const body = `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`;
  assert.match(await exchange(Buffer.from(head(lines) + body)), /^HTTP\/1\.1 202 /);
  assert.ok(eventOf('chunked'));
});

test('unfinished bodies of one megabyte together are not rejected, although one body may have at most 64 KiB', async () => {
  const event = JSON.stringify({ specversion: '1.0', id: 'slow', source: '/wire', type: 'not.routed' });
  const body = event.padEnd(60_000);
  const sockets = Array.from({ length: 17 }, () => connect(gateway.port, '127.0.0.1'));
  const answers = sockets.map((socket) => once(socket, 'data') as Promise<Buffer[]>);
  try {
    const lines = ['Content-Type: application/cloudevents+json', `Content-Length: ${body.length}`];
    for (const socket of sockets) socket.write(head(lines) + body.slice(0, -1));
    // When this request is answered, the gateway has read the other bodies.
    assertAccepted(await send(gateway.port, { headers: JSON_TYPE, body: event }));
    for (const socket of sockets) socket.write(' ');
    for (const [answer] of await Promise.all(answers)) assert.match(String(answer), /^HTTP\/1\.1 202 /);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test('the answer to an unknown path names the known paths', async () => {
  const { status, body } = await send(gateway.port, { path: '/event' });
  assert.equal(status, 404);
  assert.match(body, /\/events or \/unzip/);
});

const pipelined = (id: string): string =>
  head([
    ...['ce-specversion: 1.0', `ce-id: ${id}`, 'ce-source: /wire', 'ce-type: not.routed'],
    'Content-Length: 0',
  ]);

test('32 pipelined requests are answered, and after them the connection takes further requests', async () => {
  const requests = Array.from({ length: 32 }, (_, n) => pipelined(`pipe-${n}`));
  const answers = await conversation([
    [requests.join(''), 32],
    [binary('pipe-last', []).toString(), 33],
  ]);
  assert.equal(answers.match(/^HTTP\/1\.1 202 /gm)?.length, 33);
});

test('of 200 pipelined requests, the first 32 are answered, the next one gets 503, and the connection is closed', async () => {
  const requests = Array.from({ length: 200 }, (_, n) => pipelined(`flood-${n}`));
  const answers = await exchange(Buffer.from(requests.join('')));
  const statuses = answers.match(/^HTTP\/1\.1 \d+/gm)?.map((line) => line.slice(-3)) ?? [];
  assert.deepEqual(statuses, [...Array.from({ length: 32 }, () => '202'), '503']);
});

for (const [name, length, first] of [
  ['at the limit', BODY_LIMIT, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /],
  ['over the limit', BODY_LIMIT + 1, /^HTTP\/1\.1 413 /],
] as const)
  test(`a client that asks before it sends a body ${name} gets ${name === 'at the limit' ? '100 Continue' : '413 at once'}`, async () => {
    const lines = [
      `Content-Length: ${length}`,
      'Expect: 100-continue',
      'Content-Type: application/json',
      'Connection: close',
    ];
    const answer = await conversation([
      [head(lines), 1],
      [' '.repeat(length), 2],
    ]);
    assert.match(answer, first);
  });

for (const [name, length, first] of [
  ['at the limit', BODY_LIMIT, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /],
  ['over the limit', BODY_LIMIT + 1, /^HTTP\/1\.1 413 /],
] as const)
  test(`a client that sends a body ${name} to /explain gets ${name === 'at the limit' ? 'the answer of /explain' : '413 at once'}`, async () => {
    const lines = [`Content-Length: ${length}`, 'Expect: 100-continue', 'Connection: close'];
    const answer = await conversation([
      [head(lines).replace('POST / ', 'POST /explain '), 1],
      [' '.repeat(length), 2],
    ]);
    assert.match(answer, first);
  });
