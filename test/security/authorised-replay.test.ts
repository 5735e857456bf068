import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { prepareSluice, type Sluice } from '../cli/sluice.ts';
import { type Sent, send } from '../gateway/http.ts';
import { type GatewayOptions, startGateway } from '../gateway/running-gateway.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startParkedWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';

/*
 * The rule: no path starts or signals a run that the sender of a request could not start by sending the same bytes now.
 * The sender `shop` must not start runs of the sender `bank`.
 */

const SOURCES = `
sources:
  - { name: shop, match: { source: [/shop, "2, /shop"] }, auth: [{ bearer: { env: SHOP } }], parkUnmatched: true }
  - { name: bank, match: { source: [/bank, "/shop, /bank"] }, auth: [{ bearer: { env: BANK } }] }
  - { name: open, match: { source: [/open] } }
`;
const route = (id: string) => `
routes:
  - { name: pay, match: { type: [pay] }, workflow: pay, queue: nobody, id: "pay:${id}" }
  - { name: tell, match: { type: [tell] }, workflow: tell, queue: nobody, id: "tell:${id}", exact: true, signal: told }
`;
const tokens = { SHOP: 'shop-token', BANK: 'bank-token', SLUICE_API_TOKENS: 'operator-token' };

let temporal: TestTemporal;
let worker: Awaited<ReturnType<typeof startParkedWorker>>;
let broken: Awaited<ReturnType<typeof startGateway>>;
let repaired: Awaited<ReturnType<typeof startGateway>>;
let sluice: Sluice;
const gateways: Awaited<ReturnType<typeof startGateway>>[] = [];
const gateway = async (options: GatewayOptions) => {
  const started = await startGateway(temporal.address, options);
  gateways.push(started);
  return started;
};
before(async () => {
  temporal = await startTemporal();
  worker = await startParkedWorker(temporal.address);
  broken = await gateway({ routes: `${SOURCES}${route('{data.missing}')}`, env: tokens });
  repaired = await gateway({ routes: `${SOURCES}${route('{id}')}`, env: tokens });
  sluice = prepareSluice(() => ({
    ...{ SLUICE_GATEWAY: repaired.url, SLUICE_TEMPORAL_ADDRESS: temporal.address },
    SLUICE_API_TOKEN: 'operator-token',
  }));
});
after(async () => {
  await worker?.stop();
  for (const each of gateways) await each.stop();
  await temporal?.stop();
  sluice?.remove();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const JSON_TYPE = { 'content-type': 'application/json' };
const event = (source: string, id: string, more: object = {}) => ({
  ...{ specversion: '1.0', id, source, type: 'pay', data: {} },
  ...more,
});
const structured = (token: string, body: unknown, path = '/events'): Sent => ({
  path,
  headers: { ...JSON_TYPE, ...bearer(token) },
  body: JSON.stringify(body),
});

/** Parks a request, and returns the id of its run. */
async function park(request: Sent, sentTo = broken): Promise<string> {
  const receivedBefore = sentTo.received.length;
  const answer = await send(sentTo.port, request);
  const id = sentTo.received.slice(receivedBefore).find(({ parked }) => parked !== undefined)?.parked;
  assert.match(id ?? '', /^parked:/, `${answer.status} ${answer.body}`);
  return id ?? '';
}

interface Result {
  readonly code: number;
  readonly sent: number;
  readonly skipped: number;
  readonly wrong: number;
  readonly requests: { outcome: string; status: number; reason: string | null }[];
}
async function replay(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await sluice(['replay', '--json', ...args]);
  assert.notEqual(stdout, '', stderr);
  return { code, ...(JSON.parse(stdout) as Omit<Result, 'code'>) };
}
const runs = () =>
  repaired.received.filter(({ outcome }) => outcome === 'started' || outcome === 'signalled');
const stateOf = async (id: string) =>
  (await repaired.client.workflow.getHandle(id).describe()).status.name as string;

test('a malformed request with a repeated id is never joined to another event', async () => {
  const headers = {
    ...{ ...JSON_TYPE, ...bearer('bank-token'), 'ce-specversion': '1.0', 'ce-type': 'pay' },
    ...{ 'ce-id': '1', 'ce-source': ['/shop', '/bank'] },
  };
  const id = await park({ path: '/events', headers, body: '{}' });
  const before = runs().length;
  const { code, wrong, requests } = await replay(id);
  assert.deepEqual([code, wrong], [1, 1]);
  assert.match(requests[0]?.reason ?? '', /ce-source occurs 2 times/);
  assert.equal(runs().length, before);
});

test('a sender may replay what it could send', async () => {
  const id = await park(structured('shop-token', event('/shop', 'own')));
  assert.deepEqual([(await replay(id)).sent, await untilClosed(id)], [1, 'replayed']);
});

async function untilClosed(id: string): Promise<string> {
  await until(`${id} is closed`, async () => (await stateOf(id)) === 'COMPLETED');
  return ((await repaired.client.workflow.getHandle(id).result()) as { outcome: string }).outcome;
}

/**
 * Requests of `shop` that today's gateway accepts as parked requests, but whose events belong to `bank` after the
 * routes file, or the reading of the bytes, has changed.
 */
const MOVED = SOURCES.replace('source: [/shop, "2, /shop"]', 'source: [/none]').replace(
  '[/bank,',
  '[/bank, /shop,',
);
const moved: readonly (readonly [path: string, request: Sent])[] = [
  ['a rejected request', structured('shop-token', event('/shop', 'm1'))],
  ['a request without type', structured('shop-token', event('/shop', 'm2', { type: undefined }))],
  ['a batch', structured('shop-token', [event('/open', 'm3'), event('/shop', 'm4')])],
  ['an event that no route matched', structured('shop-token', event('/shop', 'm5', { type: 'other' }))],
  [
    'a dead letter',
    structured('shop-token', event('/shop', 'm6', { knativeerrorcode: '500' }), '/dead-letters'),
  ],
  ['a signal', structured('shop-token', event('/shop', 'm7', { type: 'tell' }))],
];
for (const [path, request] of moved)
  test(`${path} is not replayed if its source belongs to another sender now`, async () => {
    const routes = `${MOVED}${route('{id}').replace('[pay]', '[pay, other]')}`;
    const later = await gateway({ routes, env: tokens });
    const id = await park(request);
    const result = await replay(id, '--gateway', later.url);
    assert.equal(result.code, 1);
    assert.equal(result.sent, 0);
    if (path !== 'a request without type') {
      assert.deepEqual([result.skipped, result.requests[0]?.status], [1, 403]);
      assert.equal(
        result.requests[0]?.reason,
        'the event belongs to sender bank, but the request had no valid credentials of this sender',
      );
    }
    assert.equal(later.received.filter(({ outcome }) => outcome !== 'rejected').length, 0);
    assert.equal(await stateOf(id), 'RUNNING');
  });

test('the same bytes from another sender add that sender to the open parked run', async () => {
  const body = event('/shop', 'shared', { type: undefined });
  const id = await park(structured('shop-token', body));
  for (let n = 0; n < 3; n++)
    assert.equal((await send(broken.port, structured('bank-token', body))).status, 400);
  const { stdout } = await sluice(['parked', 'show', id]);
  assert.match(stdout, /^credentials +shop, bank$/m);
  const { history } = await repaired.client.workflow
    .getHandle(id)
    .fetchHistory()
    .then((history) => ({ history }));
  const signals =
    history.events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal) ?? [];
  assert.equal(signals.length, 1, 'the server drops repeated signals');
});

test('a request with a token of an operator belongs to the operator', async () => {
  const id = await park(structured('operator-token', event('/bank', 'by-operator')));
  assert.match((await sluice(['parked', 'show', id])).stdout, /^credentials +an operator$/m);
  assert.equal((await replay(id)).sent, 1);
});

test('a request without credentials can be replayed only for a sender that needs none', async () => {
  const open = await park({ headers: JSON_TYPE, body: JSON.stringify(event('/open', 'o1')) });
  assert.match((await sluice(['parked', 'show', open])).stdout, /^credentials +none$/m);
  assert.equal((await replay(open)).sent, 1);
});

/** Starts a parked run as an older version did: without the credentials of its request. */
async function parkAsOlderVersion(source: string, id: string): Promise<string> {
  const workflowId = `parked:${Buffer.from(`${source}${id}`).toString('hex').slice(0, 16)}`;
  const parked = {
    ...{ reason: 'old', status: 422, receivedAt: '2026-11-01T00:00:00Z', event: { id, source, type: 'pay' } },
    ...{ path: '/events', headers: JSON_TYPE, body: JSON.stringify(event(source, id)), bodyEncoding: 'utf8' },
  };
  const { reason, status, receivedAt } = parked;
  await repaired.client.workflow.start('parkedEvent', {
    ...{ workflowId, taskQueue: 'parked', args: [parked] },
    memo: { parked: { reason, status, receivedAt, event: parked.event, bytes: parked.body.length } },
  });
  return workflowId;
}

test('a request that an older version parked is skipped in bulk, and needs --as-operator by its id', async () => {
  const id = await parkAsOlderVersion('/bank', 'old-1');
  await until(
    'it is listed',
    async () => (await repaired.client.workflow.count(`WorkflowId = '${id}'`)).count === 1,
  );
  const bulk = await sluice(['replay', '--reason', 'old']);
  assert.equal(bulk.code, 1);
  assert.match(
    bulk.stdout,
    /403: the event belongs to sender bank, but the request was parked by an older version/,
  );
  assert.match(bulk.stdout, /^0 sent again, 1 skipped$/m);
  assert.match(bulk.stdout, /`sluice replay <id> --as-operator` sends its events as your own/);
  const asOperator = await sluice(['replay', id, '--as-operator']);
  assert.equal(asOperator.code, 0, asOperator.stdout);
  assert.match(asOperator.stderr, /has these headers:\n +content-type: application\/json$/m);
  assert.equal(await untilClosed(id), 'replayed');
  const { note } = (await repaired.client.workflow.getHandle(id).result()) as { note: string };
  assert.match(note, /^delivered to pay:old-1.*, as operator$/);
});

test('--as-operator needs ids', async () => {
  for (const args of [['--all'], ['--type', 'pay']]) {
    const { code, stderr } = await sluice(['replay', ...args, '--as-operator']);
    assert.equal(code, 2);
    assert.match(stderr, /--as-operator needs the ids of requests/);
  }
});

test('without sources, a request that an older version parked is replayed', async () => {
  const free = await gateway({ routes: route('{id}') });
  const id = await parkAsOlderVersion('/free', 'old-2');
  assert.equal((await replay(id, '--gateway', free.url)).sent, 1);
});

test('a replay needs an operator, and --as-operator a token', async () => {
  const id = await parkAsOlderVersion('/bank', 'old-3');
  const path = `/parked/${encodeURIComponent(id)}/replay`;
  assert.equal((await send(repaired.port, { path })).status, 401);
  assert.equal((await send(repaired.port, { path, headers: bearer('bank-token') })).status, 401);
  // On loopback without tokens, everybody is an operator, but this does not allow the events of a sender.
  const { SLUICE_API_TOKENS: _, ...noTokens } = tokens;
  const loopback = await gateway({ routes: `${SOURCES}${route('{id}')}`, env: noTokens });
  assert.equal((await send(loopback.port, { path })).status, 403);
  assert.equal((await send(loopback.port, { path: `${path}?asOperator=true` })).status, 403);
  const operator = { headers: bearer('operator-token') };
  assert.equal((await send(repaired.port, { path: `${path}?asOperator=yes`, ...operator })).status, 400);
  assert.equal((await send(repaired.port, { path: `${path}?asOperator=true`, ...operator })).status, 200);
});

test('only a run that keeps a parked request can be replayed', async () => {
  const parked = {
    body: JSON.stringify(event('/bank', 'fake')),
    headers: JSON_TYPE,
    path: '/',
    bodyEncoding: 'utf8',
  };
  const start = (workflowId: string, type: string) =>
    repaired.client.workflow.start(type, {
      ...{ workflowId, taskQueue: 'nobody' },
      args: [{ ...parked, proof: { senders: ['bank'] } }],
    });
  await start('order:1', 'parkedEvent');
  await start('parked:other', 'order');
  for (const id of ['order:1', 'parked:other', 'parked:none', '..'])
    assert.equal(
      (
        await send(repaired.port, {
          path: `/parked/${encodeURIComponent(id)}/replay`,
          headers: bearer('operator-token'),
        })
      ).status,
      404,
      id,
    );
});
