import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { createGateway } from '../../gateway/app.ts';
import type { FoundRun } from '../../gateway/operator/find-runs.ts';
import { listen } from '../../runtime/listen.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, type Sent, send } from './http.ts';
import { gatewayParts, startGateway } from './running-gateway.ts';
import { hashOf } from './runs-of.ts';

const ROUTES = `
sources:
  - { name: shop, match: { source: [/shop] }, auth: [{ bearer: { env: TOKENS } }] }
  - { name: anybody }
routes:
  - name: orders
    match: { type: [order.placed], data: { order: { total: [{ numeric: [">", 10] }] } } }
    workflow: handleOrder
    queue: nobody
    id: "order:{data.order.id}"
    input: { order: "{data.order.id}" }
    expires: PT1H
  - name: totals
    match: { type: [order.placed] }
    workflow: sumUp
    queue: nobody
    id: "totals:{data.shop}"
    signal: placed
`;

let temporal: TestTemporal;
let open: Awaited<ReturnType<typeof startGateway>>;
let guarded: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  const env = { TOKENS: 'shop-token' };
  open = await startGateway(temporal.address, { routes: ROUTES, env });
  const tokens = { SLUICE_HOST: '0.0.0.0', SLUICE_API_TOKENS: 'old-token, new-token' };
  guarded = await startGateway(temporal.address, { routes: ROUTES, env: { ...env, ...tokens } });
});
after(async () => {
  await open?.stop();
  await guarded?.stop();
  await temporal?.stop();
});

const order = (id: string, data: object, attributes: object = {}) => ({
  ...{ specversion: '1.0', id, source: '/shop', type: 'order.placed', data },
  ...attributes,
});
const json = (value: unknown, headers: Record<string, string> = {}): Sent => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const explained = async (event: unknown) => {
  const answer = await send(open.port, { ...json(event), path: '/explain' });
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Record<string, unknown>;
};

test('explain shows event, identity, sender, and for each route the match or the first condition that failed', async () => {
  const event = order('e1', { order: { id: 7, total: 5 }, shop: 's' });
  assert.deepEqual(await explained(event), {
    event,
    identity: { source: '/shop', id: 'e1' },
    sender: { source: 'shop', credentials: ['bearer'] },
    routes: [
      {
        route: 'unzip',
        verdict: 'no match',
        failed: { path: 'source', expected: ['acs.oss'], actual: '/shop' },
      },
      {
        ...{ route: 'weather', verdict: 'no match' },
        failed: { path: 'source', expected: [{ suffix: '/weather-refresh' }], actual: '/shop' },
      },
      {
        ...{ route: 'alerts', verdict: 'no match' },
        failed: { path: 'source', expected: [{ suffix: '/weather' }], actual: '/shop' },
      },
      {
        ...{ route: 'orders', verdict: 'no match' },
        failed: { path: 'data.order.total', expected: [{ numeric: ['>', 10] }], actual: 5 },
      },
      {
        ...{ route: 'totals', verdict: 'start', workflow: 'sumUp', queue: 'nobody', workflowId: 'totals:s' },
        ...{ signal: 'placed', argument: event },
      },
    ],
  });
});

test('explain shows id and argument of a start, and why a matching event is not started', async () => {
  const routesOf = async (event: unknown) =>
    ((await explained(event)).routes as Record<string, unknown>[]).find(({ route }) => route === 'orders');
  assert.deepEqual(await routesOf(order('e2', { order: { id: 8, total: 50 }, shop: 's' })), {
    ...{ route: 'orders', verdict: 'start', workflow: 'handleOrder', queue: 'nobody' },
    ...{ workflowId: `order:8:${hashOf('orders', '/shop', 'e2')}`, argument: { order: 8 } },
  });
  const refused = await routesOf(order('e3', { order: { total: 50 } }));
  assert.equal(refused?.verdict, 'refused');
  assert.match(String(refused?.reason), /data\.order\.id/);
  const old = await routesOf(order('e4', { order: { id: 1, total: 50 } }, { time: '2020-01-01T00:00:00Z' }));
  assert.equal(old?.verdict, 'expired');
});

test('explain starts nothing, explains batches, and rejects requests that are not events', async () => {
  const before = open.received.length;
  const both = await explained([order('e5', {}), order('e6', {})]);
  assert.equal((both.events as unknown[]).length, 2);
  const answer = await send(open.port, { ...json({ id: 'x' }), path: '/explain' });
  assert.match(assertRejected(answer, 400), /specversion/);
  assert.equal(open.received.length, before);
});

test('GET returns the runs of an event with their status, newest first, and no runs for an unknown event', async () => {
  const event = order('g/1 é', { order: { id: 9, total: 50 }, shop: 'found' });
  const taken = await send(open.port, json(event, bearer('shop-token')));
  const path = '/events/%2Fshop/g%2F1%20%C3%A9';
  assertAccepted(taken, path);
  const runs = async () => {
    const answer = await send(open.port, { method: 'GET', path });
    assert.equal(answer.status, 200, answer.body);
    return (JSON.parse(answer.body) as { runs: Record<string, unknown>[] }).runs;
  };
  await until('both runs are listed', async () => (await runs()).length === 2);
  const one = (await runs()).find(({ route }) => route === 'orders');
  const { runId, startTime, ...rest } = one ?? {};
  assert.match(String(runId), /^[0-9a-f-]{36}$/);
  assert.ok(Math.abs(Date.parse(String(startTime)) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    ...{ route: 'orders', workflowId: `order:9:${hashOf('orders', '/shop', 'g/1 é')}` },
    ...{ workflowType: 'handleOrder', status: 'RUNNING', phase: null, closeTime: null },
  });
  const unknown = await send(open.port, { method: 'GET', path: "/events/%2Fshop/o'clock%5C" });
  assert.deepEqual(JSON.parse(unknown.body), { runs: [] });
});

test('finds one run for each of the two sources whose events signalled it, and no run for a third source', async () => {
  const data = { order: { id: 1, total: 1 }, shop: 'shared' };
  await send(open.port, json(order('t1', data), bearer('shop-token')));
  await send(open.port, json(order('t1', data, { source: '/branch' })));
  const runsOf = async (source: string) => {
    const path = `/events/${encodeURIComponent(source)}/t1`;
    return (JSON.parse((await send(open.port, { method: 'GET', path })).body) as { runs: unknown[] }).runs;
  };
  await until('the run is listed', async () => (await runsOf('/shop')).length === 1);
  assert.equal((await runsOf('/branch')).length, 1);
  assert.equal((await runsOf('/nobody')).length, 0);
});

test('finds the runs of an event among many parked requests and many runs of other events with the same id', async () => {
  const data = (shop: string) => ({ order: { id: 1, total: 1 }, shop });
  const own = bearer('shop-token');
  const each = async (count: number, sent: (n: number) => Sent, status: number) => {
    for (let n = 0; n < count; n += 10) {
      const ten = Array.from({ length: 10 }, (_, index) => send(open.port, sent(n + index)));
      for (const answer of await Promise.all(ten)) assert.equal(answer.status, status, answer.body);
    }
  };
  await send(open.port, json(order('1', data('first')), own));
  await each(110, (n) => json(order('1', data(`of ${n}`), { source: `/branch/${n}` })), 202);
  // These events match a route, but cannot fill the route's template. Each different content is parked separately.
  await each(110, (n) => json(order('1', { order: { total: 50, n } }), own), 422);
  const runs = async () => {
    const path = '/events/%2Fshop/1';
    return (JSON.parse((await send(open.port, { method: 'GET', path })).body) as { runs: FoundRun[] }).runs;
  };
  const found = await until('all runs are listed', async () => {
    const listed = await runs();
    return listed.length >= 101 && listed;
  });
  const parked = found.filter(({ workflowType }) => workflowType === 'parkedEvent');
  assert.equal(parked.length, 100);
  assert.deepEqual(
    found.filter((run) => !parked.includes(run)).map(({ workflowId }) => workflowId),
    ['totals:first'],
  );
  const times = found.map(({ startTime }) => startTime);
  assert.deepEqual(times, times.toSorted().reverse());
});

test('a gateway that is not on loopback requires a token for lookups, and accepts several tokens', async () => {
  for (const request of [
    { method: 'GET', path: '/events/%2Fshop/e1' },
    { ...json(order('e1', {})), path: '/explain' },
  ]) {
    assertRejected(await send(guarded.port, request), 401);
    assertRejected(await send(guarded.port, { ...request, headers: bearer('wrong') }), 401);
    for (const token of ['old-token', 'new-token']) {
      const headers = { 'content-type': 'application/json', ...bearer(token) };
      assert.equal((await send(guarded.port, { ...request, headers })).status, 200);
    }
  }
  for (const path of ['/livez', '/readyz', '/metrics'])
    assert.equal((await send(guarded.port, { method: 'GET', path })).status, 200);
});

test('a client with an operator’s token may send events of every source, as a replay does', async () => {
  const event = order('r1', { order: { id: 3, total: 50 }, shop: 's' });
  assertRejected(await send(guarded.port, json(event)), 401);
  assertAccepted(await send(guarded.port, json(event, bearer('new-token'))), '/events/%2Fshop/r1');
});

test('the log has one line for each event that an operator sends, with the attributes of the event', async () => {
  const tokens = { SLUICE_HOST: '0.0.0.0', SLUICE_API_TOKENS: 'new-token', TOKENS: 'shop-token' };
  const { parts, stop } = gatewayParts(temporal.address, { routes: ROUTES, env: tokens });
  const lines: object[] = [];
  const log = pino({ base: {} }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const listener = await listen(createGateway({ ...parts, log }), { host: '127.0.0.1', port: 0 });
  const operatorLines = () => lines.filter((line) => /an operator sends an event/.test(JSON.stringify(line)));
  try {
    // A parked request is checked twice: when it is authorised, and when its senders are recorded.
    const parked = order('logged', { order: { total: 50 } });
    assertRejected(await send(listener.port, json(parked, bearer('new-token'))), 422);
    assertRejected(await send(listener.port, json(order('unknown', {}))), 401);
    const [line, ...others] = operatorLines();
    assert.match(JSON.stringify(line), /"ceId":"logged","ceSource":"\/shop","ceType":"order\.placed"/);
    assert.deepEqual(others, []);
  } finally {
    await listener.close(0);
    await stop();
  }
});

test('answers 405 with the allowed method to other methods', async () => {
  const get = await send(open.port, { method: 'GET', path: '/explain' });
  assertRejected(get, 405);
  assert.equal(get.headers.allow, 'POST');
  const post = await send(open.port, { path: '/events/%2Fshop/e1' });
  assertRejected(post, 405);
  assert.equal(post.headers.allow, 'GET');
});

test('a web page in a browser on the same machine may neither send events nor look them up', async () => {
  const event = json(order('page', {}, { source: '/page', type: 'page.read' }), {
    origin: 'https://evil.example',
  });
  assertRejected(await send(open.port, event), 403);
  assertRejected(await send(open.port, { ...event, path: '/explain' }), 403);
  const own = json(order('page', {}, { source: '/page', type: 'page.read' }), {
    origin: 'http://127.0.0.1:8081',
  });
  assert.equal((await send(open.port, { ...own, path: '/explain' })).status, 200);
  // With DNS rebinding a page calls its own host name, so only the Host header is wrong.
  const bare = json(order('page', {}, { source: '/page', type: 'page.read' }));
  for (const headers of [
    { host: 'evil.example' },
    { host: `evil.example:${open.port}` },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost.evil.example' },
    { host: '10.0.0.1' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const sent = { ...bare, headers: { ...bare.headers, ...headers } };
    // Browsers send `Origin` with every POST, so a POST without it is not from a page. Senders may use any host name.
    assert.equal((await send(open.port, sent)).status, 'host' in headers ? 202 : 403);
    assertRejected(await send(open.port, { ...sent, path: '/explain' }), 403);
    assertRejected(await send(open.port, { method: 'GET', path: '/events/%2Fpage/page', headers }), 403);
    assert.equal((await send(guarded.port, sent)).status, 202);
  }
  for (const headers of [
    { host: 'localhost' },
    { host: `LocalHost:${open.port}` },
    { host: '127.1.2.3:80' },
    { host: '[::1]:8080' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin' },
  ])
    assert.equal((await send(open.port, { ...bare, headers: { ...bare.headers, ...headers } })).status, 202);
  // A gateway that is not on loopback has tokens, and may be behind a proxy that adds such a header.
  assert.equal((await send(guarded.port, event)).status, 202);
});

for (const host of ['127.0.0.1', '::1', 'localhost'])
  test(`a gateway on ${host} accepts no events from web pages`, async () => {
    const local = await startGateway(temporal.address, { env: { SLUICE_HOST: host } });
    try {
      const event = order('page', {}, { source: '/page', type: 'page.read' });
      assertRejected(await send(local.port, json(event, { origin: 'https://evil.example' })), 403);
      assertRejected(await send(local.port, json(event, { 'sec-fetch-site': 'cross-site' })), 403);
      assert.equal((await send(local.port, json(event))).status, 202);
    } finally {
      await local.stop();
    }
  });

test('with SLUICE_METRICS_TOKENS, /metrics requires one of these tokens', async () => {
  const guarded = await startGateway(temporal.address, { env: { SLUICE_METRICS_TOKENS: 'scraper other' } });
  try {
    const scrape = (headers = {}) => send(guarded.port, { method: 'GET', path: '/metrics', headers });
    assert.equal((await scrape()).status, 401);
    assert.equal((await scrape({ authorization: 'Bearer scraper' })).status, 200);
    assert.equal((await send(guarded.port, { method: 'GET', path: '/livez' })).status, 200);
  } finally {
    await guarded.stop();
  }
});
