import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-process-'));
let temporal: TestTemporal;
before(async () => {
  temporal = await startTemporal();
});
after(async () => {
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

/** Starts the gateway as a process of its own, with the memory limits of production. */
async function startGatewayProcess(env: Record<string, string> = {}) {
  const port = await freePort();
  const log = join(dir, `gateway-${port}.log`);
  const settings = { TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_HOST: '127.0.0.1' };
  const gateway = new SluiceProcess('gateway', { ...settings, ...env }, log);
  await gateway.start();
  return { port, gateway, log: () => readFileSync(log, 'utf8') };
}

const event = (id: string) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ specversion: '1.0', id, source: '/s', type: 'nobody.cares' }),
});
/** An event that a route matches, so that the gateway calls Temporal. */
const put = (id: string, key = 'zip/a.zip') => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    ...{ specversion: '1.0', id, source: 'acs.oss', type: 'oss:ObjectCreated:PutObject' },
    data: { oss: { bucket: { name: 'b' }, object: { key } } },
  }),
});

test('while Temporal is down, the gateway starts, is alive but not ready, and answers 503 to events', async () => {
  const down = await freePort();
  const { port, gateway } = await startGatewayProcess({ TEMPORAL_ADDRESS: `127.0.0.1:${down}` });
  try {
    assert.equal((await send(port, { method: 'GET', path: '/livez' })).status, 200);
    assertRejected(await send(port, { method: 'GET', path: '/readyz' }), 503);
    assertRejected(await send(port, put('early')), 503);
  } finally {
    await gateway.stop();
  }
});

const SOURCES = 'sources:\n  - { name: only, match: { source: [/only] } }\n';
for (const [name, host, sources, warns] of [
  ['on all interfaces without sources', '0.0.0.0', false, true],
  ['on all interfaces with sources', '0.0.0.0', true, false],
  ['on 127.0.0.1 without sources', '127.0.0.1', false, false],
  ['on loopback without sources', 'loopback', false, false],
] as const)
  test(`a gateway ${name} ${warns ? 'warns' : 'does not warn'} that every client can start workflows`, async () => {
    const routes = join(dir, 'sources.yaml');
    writeFileSync(routes, SOURCES);
    const { gateway, log } = await startGatewayProcess({
      SLUICE_HOST: host,
      ...(sources ? { SLUICE_ROUTES: routes } : {}),
    });
    await gateway.stop();
    assert.equal(/"level":40.*"host":"0\.0\.0\.0".*has no sources, so every client/.test(log()), warns);
  });

test('on SIGTERM the gateway answers all requests that it has read, also requests that wait for Temporal, and exits with 0', async () => {
  const { port, gateway, log } = await startGatewayProcess();
  process.kill(temporal.pid, 'SIGSTOP');
  try {
    const waiting = Array.from({ length: 20 }, (_, n) => send(port, put(`drain-${n}`)));
    await until('the requests are in flight', async () => {
      const { body } = await send(port, { method: 'GET', path: '/metrics' });
      return /^sluice_requests_pending 20$/m.test(body);
    });
    const stopped = gateway.stop();
    setTimeout(() => process.kill(temporal.pid, 'SIGCONT'), 500);
    for (const answer of await Promise.all(waiting)) assertAccepted(answer, String(answer.headers.location));
    await stopped;
  } finally {
    process.kill(temporal.pid, 'SIGCONT');
    await gateway.stop();
  }
  assert.match(log(), /"msg":"stopped"/);
});

test('while the gateway drains, it is not ready, still accepts events, and asks clients to close the connection', async () => {
  const { port, gateway } = await startGatewayProcess({ SLUICE_DRAIN_MS: '1500' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (path: string) =>
    new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, agent }, (answer) => {
        answer.resume();
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection }),
        );
      });
      sent.on('error', reject);
      sent.end();
    });
  try {
    assert.deepEqual(await get('/readyz'), { status: 200, connection: 'keep-alive' });
    const stopped = gateway.stop();
    await until(
      'the gateway is not ready',
      async () => (await send(port, { method: 'GET', path: '/readyz' })).status === 503,
    );
    assert.equal((await get('/livez')).connection, 'close');
    assertAccepted(await send(port, event('late')));
    await stopped;
  } finally {
    agent.destroy();
    await gateway.stop();
  }
});

test('survives sixty bodies, ten at a time, that need much memory when parsed', async () => {
  const { port, gateway } = await startGatewayProcess();
  try {
    const bombs = ['{},', '[],', '"a",', '{"a":{}},'].flatMap((item) => {
      const items = item.repeat(Math.floor((1_000_000 - 100) / item.length)).slice(0, -1);
      const attributes = Array.from({ length: 90_000 }, (_, n) => `"a${n}":1`).join();
      const event = '"specversion":"1.0","id":"bomb","source":"/s","type":"t"';
      return [`{${event},"data":[${items}]}`, `[${items},1]`, `{${event},${attributes}}`];
    });
    // The largest numbers of values that are allowed, with numbers that are kept as text.
    const list = (item: string, count: number): string => Array.from({ length: count }, () => item).join();
    const members = Array.from({ length: 64_900 }, (_, n) => `"${n.toString(36)}":1.0`).join();
    const base64 = Buffer.from(`[${list('[]', 49_900)}]`).toString('base64');
    const { body } = put('exact');
    for (const extra of [`[${list('1.0', 199_900)}]`, `[${list('[1.0,1.0,1.0]', 49_900)}]`, `{${members}}`])
      bombs.push(body.replace('"oss"', `"x":${extra},"oss"`));
    bombs.push(body.replace(/"data":.*/, `"data_base64":"${base64}"}`));
    const headers = { 'content-type': 'application/json' };
    const statuses = new Set<number>();
    await forEachParallel(Array.from({ length: 60 }).keys(), 10, async (n) => {
      const { status } = await send(port, { headers, body: bombs[n % bombs.length] ?? '' });
      statuses.add(status);
    });
    for (const status of statuses) assert.ok([202, 400, 413, 429, 503].includes(status), String(status));
    assertAccepted(await send(port, event('after')));
  } finally {
    await gateway.stop();
  }
});

/** Returns the resident memory of a process in MiB. */
const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

test('compressed bodies that become large when they are decoded do not need much more memory', {
  skip: process.platform !== 'linux' && 'memory is read from /proc',
}, async () => {
  const { port, gateway } = await startGatewayProcess();
  try {
    const body = gzipSync(Buffer.from(`{"specversion":"1.0","data":"${'x'.repeat(1_000_000)}"}`));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const before = residentMiB(gateway.pid);
    const answers = await Promise.all(Array.from({ length: 200 }, () => send(port, { headers, body })));
    for (const { status } of answers) assert.ok([400, 429].includes(status), String(status));
    const grown = residentMiB(gateway.pid) - before;
    assert.ok(grown < 60, `${grown} MiB more`);
    const large = { headers, body: gzipSync(Buffer.alloc(2_000_000)) };
    assertRejected(await send(port, large), 413);
    assertRejected(await send(port, { headers, body: 'no gzip' }), 400);
  } finally {
    await gateway.stop();
  }
});

test('closes only the connection of a client that sends requests without end and reads no answers', async () => {
  const { port, gateway } = await startGatewayProcess();
  const clients = Array.from({ length: 10 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  try {
    for (const socket of clients) socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_000));
    assertAccepted(await send(port, event('beside')));
    // A client sees the end of its connection only after the answers before it.
    for (const socket of clients) socket.resume();
    await until('the connections are closed', () =>
      clients.every(({ destroyed, readyState }) => destroyed || readyState !== 'open'),
    );
  } finally {
    for (const socket of clients) socket.destroy();
    await gateway.stop();
  }
});

test('rejects a too large body by its Content-Length, and an unfinished large body if all bodies need too much memory', async () => {
  const { port, gateway } = await startGatewayProcess();
  const open = (length: number) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
    return socket;
  };
  const largeBodies = Array.from({ length: 20 }, () => open(1_000_000));
  const huge = open(999_999_999);
  try {
    const refused = new Promise<string>((resolve) => huge.once('data', (data) => resolve(String(data))));
    assert.match(await refused, /^HTTP\/1\.1 413 /);
    for (const socket of largeBodies) socket.write(Buffer.alloc(999_999, 'x'));
    await until('a large body is rejected', () => largeBodies.some(({ bytesRead }) => bytesRead > 0));
    for (let n = 0; n < 10; n++) assertAccepted(await send(port, event(`small-${n}`)));
  } finally {
    for (const socket of [...largeBodies, huge]) socket.destroy();
    await gateway.stop();
  }
});

test('handles long attributes fast, and truncates them in the answer and the log', async () => {
  const routes = join(dir, 'nobody.yaml');
  writeFileSync(routes, 'sources:\n  - { name: only, match: { source: [/only] } }\n');
  const { port, gateway, log } = await startGatewayProcess({ SLUICE_ROUTES: routes });
  try {
    const bodyOf = (quotes: number): string =>
      JSON.stringify({ specversion: '1.0', id: 'x', source: `/none${'"'.repeat(quotes)}`, type: 't' });
    assertRejected(await send(port, { body: bodyOf(400_000) }), 400);
    assertRejected(await send(port, { body: bodyOf(16_000) }), 403);
  } finally {
    await gateway.stop();
  }
  assert.ok(log().length < 10_000, `${log().length} characters of log`);
});

test('senders that announce a body and do not send it block no other sender', async () => {
  const { port, gateway } = await startGatewayProcess({ SLUICE_IN_FLIGHT: '4' });
  const head =
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';
  const sockets = Array.from({ length: 200 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  try {
    for (const socket of sockets) socket.write(head);
    for (let n = 0; n < 10; n++) assertAccepted(await send(port, event(`beside-${n}`)));
  } finally {
    for (const socket of sockets) socket.destroy();
    await gateway.stop();
  }
});

test('while Temporal does not answer, events beyond the capacity get 429 at once, and the others 503 within the deadline', async () => {
  const { port, gateway } = await startGatewayProcess({ SLUICE_IN_FLIGHT: '4' });
  process.kill(temporal.pid, 'SIGSTOP');
  try {
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => send(port, put(`flood-${n}`))));
    assert.ok(performance.now() - began < 4_000);
    const withStatus = (status: number) => answers.filter((answer) => answer.status === status);
    assert.ok(withStatus(429).length >= 30, `${withStatus(429).length} requests were answered 429`);
    assert.equal(withStatus(429).length + withStatus(503).length, 60);
    for (const answer of answers) {
      assertRejected(answer, answer.status);
      assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/);
    }
  } finally {
    process.kill(temporal.pid, 'SIGCONT');
    await gateway.stop();
  }
});

test('logs no secret of a request', async () => {
  const { port, gateway, log } = await startGatewayProcess();
  try {
    const headers = {
      authorization: 'Bearer hidden-1',
      cookie: 'hidden-2',
      'content-type': 'application/json',
    };
    for (const body of ['{', '{}', event('x').body])
      await send(port, { path: '/events?access_token=hidden-3', headers, body });
    await send(port, { path: '/%ZZ?access_token=hidden-3', headers, body: '{}' });
    await send(port, {
      path: '/?access_token=hidden-3',
      headers: { ...headers, 'content-encoding': 'zip' },
      body: 'x',
    });
  } finally {
    await gateway.stop();
  }
  assert.doesNotMatch(log(), /hidden-/);
});
