import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import {
  randomUiAddress,
  serveTemporalUi,
  type UiAddress,
  uiRequestProblem,
} from '../../../cli/start/temporal-ui-guard.ts';
import type { Listener } from '../../../runtime/listen.ts';
import { type Sent, send } from '../../gateway/http.ts';
import { until } from '../../support/until.ts';

const HOST = '127.0.0.1:8233';
const cases: readonly (readonly [
  who: string,
  method: string,
  headers: IncomingHttpHeaders,
  allowed: boolean,
])[] = [
  ['a person who opens the UI', 'GET', { host: HOST }, true],
  ['a person who opens the UI by name', 'GET', { host: 'localhost:8233' }, true],
  ['a link on another site', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site' }, true],
  ['the UI itself', 'POST', { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }, true],
  ['curl', 'POST', { host: HOST }, true],
  ['a request typed by a person', 'POST', { host: HOST, 'sec-fetch-site': 'none' }, true],
  ['a page whose name resolves to this machine', 'GET', { host: 'evil.example:8233' }, false],
  ['a page of another site', 'POST', { host: HOST, origin: 'http://evil.example' }, false],
  ['a page of another local server', 'POST', { host: HOST, origin: 'http://127.0.0.1:9000' }, false],
  ['a sandboxed page', 'POST', { host: HOST, origin: 'null' }, false],
  ['a form of another site', 'POST', { host: HOST, 'sec-fetch-site': 'cross-site' }, false],
  ['a form of another local server', 'DELETE', { host: HOST, 'sec-fetch-site': 'same-site' }, false],
];
for (const [who, method, headers, allowed] of cases)
  test(`the guard of Temporal's UI ${allowed ? 'allows' : 'rejects'} ${method} of ${who}`, () => {
    assert.equal(uiRequestProblem(method, headers) === undefined, allowed);
  });

test('the address of the UI server is on loopback, and differs at each start', () => {
  const addresses = Array.from({ length: 20 }, randomUiAddress);
  for (const { ip, port } of addresses) {
    assert.match(ip, /^127\./);
    assert.ok(port >= 20_000 && port < 32_000);
  }
  assert.ok(new Set(addresses.map(({ ip, port }) => `${ip}:${port}`)).size > 15);
});

let ui: Server;
let uiAddress: UiAddress | undefined;
let guard: Listener;
const received: { method: string; url: string; body: string; host: string }[] = [];
let aborted = 0;
before(async () => {
  ui = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const { method = '', url = '', headers } = incoming;
    received.push({ method, url, body, host: String(headers.host) });
    response.once('close', () => {
      if (!response.writableEnded) aborted++;
    });
    if (url === '/hang') return;
    response.writeHead(201, { 'x-ui': 'yes' }).end(`answer to ${body}`);
  });
  await new Promise<void>((resolve) => ui.listen(0, '127.0.0.1', resolve));
  guard = await serveTemporalUi(0, () => uiAddress);
});
after(async () => {
  await guard?.close(0);
  ui?.closeAllConnections();
  await new Promise((resolve) => ui?.close(resolve));
});
const ask = (sent: Sent) => send(guard.port, { method: 'GET', ...sent });
const start = () => {
  uiAddress = { ip: '127.0.0.1', port: (ui.address() as AddressInfo).port };
};

test('before Temporal is started, the answer is 503', async () => {
  uiAddress = undefined;
  assert.deepEqual([(await ask({})).status, (await ask({})).body], [503, 'Temporal is not started\n']);
});

test('forwards a request with its path, headers and body, and returns the answer', async () => {
  start();
  const { status, headers, body } = await ask({ method: 'POST', path: '/api?x=1', body: 'question' });
  assert.deepEqual([status, headers['x-ui'], body], [201, 'yes', 'answer to question']);
  const host = `127.0.0.1:${guard.port}`;
  assert.deepEqual(received.at(-1), { method: 'POST', url: '/api?x=1', body: 'question', host });
});

test('headers of the connection are not forwarded, and do not end the process', async () => {
  start();
  for (const header of ['Trailer: x', 'TE: trailers', 'Upgrade: websocket', 'Expect: x', 'Keep-Alive: x']) {
    const socket = connect(guard.port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\nConnection: close\r\n\r\n`);
    let answer = '';
    for await (const bytes of socket) answer += String(bytes);
    assert.match(answer, /^HTTP\/1.1 201 /, header);
  }
});

test('does not forward a rejected request', async () => {
  start();
  const before = received.length;
  const { status, body } = await ask({ headers: { host: 'evil.example' } });
  assert.equal(status, 403);
  assert.equal(body, 'the Host header must be localhost, 127.x.x.x or [::1], but is "evil.example"\n');
  assert.equal(received.length, before);
});

test('answers 502 if the UI server does not run', async () => {
  uiAddress = { ip: '127.0.0.1', port: 1 };
  const { status, body } = await ask({});
  assert.equal(status, 502);
  assert.match(body, /^Temporal's UI does not answer: .*ECONNREFUSED/);
});

test('ends the forwarded request if the client closes its connection', async () => {
  start();
  const before = aborted;
  const controller = new AbortController();
  const pending = fetch(`http://127.0.0.1:${guard.port}/hang`, { signal: controller.signal }).catch(
    () => 'aborted',
  );
  await until('the request has arrived', async () => received.at(-1)?.url === '/hang');
  controller.abort();
  assert.equal(await pending, 'aborted');
  await until('the request is ended', async () => aborted === before + 1);
});
