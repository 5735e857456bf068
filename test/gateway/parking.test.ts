import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, type Sent, send } from './http.ts';
import { startGateway } from './running-gateway.ts';
import { runOf } from './runs-of.ts';

const ROUTES = `
sources:
  - { name: impatient, match: { source: [/impatient] }, auth: [{ bearer: { env: TOKENS } }], ackParked: true }
  - { name: keeper, match: { source: [/keeper] }, parkUnmatched: true }
  - { name: anybody }
routes:
  - name: orders
    match: { type: [order.placed] }
    workflow: handleOrder
    queue: nobody
    id: "order:{data.order.id}"
`;
const env = { TOKENS: 'impatient-token', SLUICE_PARKED_LIMIT: '14', SLUICE_PARKED_BYTES: '2000' };

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES, env });
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

/** Computes the id `parked:<h>` independently: a hash over the request's ce-* and content-type headers and its body. */
function idOf({ headers = {}, body = '' }: Sent): string {
  const named = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));
  const lines = named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${value}\n`);
  const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const content = Buffer.concat([Buffer.from(`${lines.join('')}\n`), Buffer.from(body as string)]);
  return `parked:${sha(JSON.stringify(['parked', sha(content)])).slice(0, 16)}`;
}

const parkedAs = async (request: Sent) => runOf(gateway.client, idOf(request));
const JSON_TYPE = { 'content-type': 'application/json' };
const order = (id: string, attributes: object = {}) =>
  JSON.stringify({ specversion: '1.0', id, source: '/shop', type: 'order.placed', data: {}, ...attributes });

test('parks a request that is answered 400, with its bytes and the reason', async () => {
  const request = { headers: JSON_TYPE, body: '{"specversion":"1.0","source":"/shop","type":"t"}' };
  assertRejected(await send(gateway.port, request), 400);
  const run = await parkedAs(request);
  assert.equal(run?.type, 'parkedEvent');
  assert.equal(run?.taskQueue, 'parked');
  const [parked] = (run?.args ?? []) as Record<string, unknown>[];
  assert.equal(parked?.reason, 'attribute id is missing');
  assert.equal(parked?.status, 400);
  assert.equal(parked?.body, request.body);
  assert.deepEqual(parked?.headers, JSON_TYPE);
  assert.deepEqual(parked?.event, { source: '/shop', type: 't' });
});

test('answers 422 to a matched event that cannot be started, and parks it with its route', async () => {
  const request = { headers: JSON_TYPE, body: order('no-order') };
  assertRejected(await send(gateway.port, request), 422);
  const run = await parkedAs(request);
  assert.deepEqual(run?.attributes, { Route: 'orders', EventSource: '/shop', EventId: ['no-order'] });
});

test('keeps bytes that are not text unchanged, and drops headers with secrets', async () => {
  const body = Buffer.from([0xff, 0x00, 0xfe]);
  const headers = { ...JSON_TYPE, authorization: 'Bearer secret-1', cookie: 'secret-2', 'ce-id': 'x' };
  assertRejected(await send(gateway.port, { headers, body, path: '/?access_token=secret-3' }), 400);
  const { authorization: _, cookie: __, ...kept } = headers;
  const [parked] = ((await parkedAs({ headers: kept, body }))?.args ?? []) as Record<string, unknown>[];
  assert.deepEqual(Buffer.from(String(parked?.body), 'base64'), body);
  assert.deepEqual(parked?.headers, kept);
  assert.doesNotMatch(JSON.stringify(parked), /secret-/);
});

test('parks the same invalid request only once, even if it is sent a hundred times', async () => {
  const request = { headers: JSON_TYPE, body: '{"often":1}' };
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(gateway.port, request)));
  for (const answer of answers) assertRejected(answer, 400);
  const count = async () => (await gateway.client.workflow.count(`WorkflowId = '${idOf(request)}'`)).count;
  await until('the run is listed', async () => (await count()) > 0);
  assert.equal(await count(), 1);
});

test('parks a request again if it arrives after the run of its parked request has ended', async () => {
  const request = { headers: JSON_TYPE, body: '{"again":1}' };
  await send(gateway.port, request);
  const first = await parkedAs(request);
  await gateway.client.workflow.getHandle(idOf(request)).terminate();
  await send(gateway.port, request);
  const second = await parkedAs(request);
  assert.ok(first && second);
  assert.notEqual(second.runId, first.runId);
});

test('a sender with ackParked gets 202 for parked requests, but only with its credentials', async () => {
  const body = '{"specversion":"1.0","source":"/impatient","type":"t"}';
  const good = { headers: { ...JSON_TYPE, authorization: 'Bearer impatient-token' }, body };
  assertAccepted(await send(gateway.port, good), undefined);
  assert.ok(await parkedAs(good));
  const other = { headers: JSON_TYPE, body: body.replace('"t"', '"u"') };
  assertRejected(await send(gateway.port, other), 400);
});

test('parks unmatched events only of senders with parkUnmatched', async () => {
  const event = { specversion: '1.0', id: 'k1', source: '/keeper', type: 'who.knows' };
  assertAccepted(await send(gateway.port, { headers: JSON_TYPE, body: JSON.stringify(event) }), undefined);
  const structured = { 'content-type': 'application/cloudevents+json' };
  assert.ok(await parkedAs({ headers: structured, body: JSON.stringify(event) }));
  const otherEvent = JSON.stringify({ ...event, source: '/other' });
  await send(gateway.port, { headers: JSON_TYPE, body: otherEvent });
  assert.equal(await parkedAs({ headers: structured, body: otherEvent }), undefined);
});

test('parks neither unauthorised nor too large requests', async () => {
  const wrong = {
    headers: { ...JSON_TYPE, authorization: 'Bearer wrong' },
    body: order('w', { source: '/impatient' }),
  };
  assertRejected(await send(gateway.port, wrong), 401);
  const large = { headers: JSON_TYPE, body: 'x'.repeat(70_000) };
  assertRejected(await send(gateway.port, large), 413);
  const medium = { headers: JSON_TYPE, body: 'x'.repeat(2_001) };
  assertRejected(await send(gateway.port, medium), 400);
  for (const request of [wrong, large, medium]) assert.equal(await parkedAs(request), undefined);
  assert.match(
    gateway.received.at(-1)?.reason ?? '',
    /not parked: the body has 2001 bytes; allowed: at most 2000/,
  );
});

test('answers 413 to a dead letter that is too large to park, so that its sender can send a smaller one', async () => {
  const body = JSON.stringify({
    specversion: '1.0',
    id: 'l1',
    source: '/s',
    type: 't',
    data: 'x'.repeat(2_000),
  });
  const letter = { path: '/dead-letters', headers: { 'content-type': 'application/cloudevents+json' }, body };
  assertRejected(await send(gateway.port, letter), 413);
  assert.equal(await parkedAs(letter), undefined);
});

test('parks a dead letter with the information of the broker, and acknowledges it', async () => {
  const headers = {
    ...{ 'ce-specversion': '1.0', 'ce-id': 'd1', 'ce-source': '/shop', 'ce-type': 'order.placed' },
    'ce-knativeerrordest': 'http://gateway.default.svc.cluster.local',
    'ce-knativeerrorcode': '422',
    'ce-knativeerrordata': Buffer.from('{"error":"route orders: no id"}').toString('base64'),
  };
  const request = { path: '/dead-letters', headers, body: '' };
  assertAccepted(await send(gateway.port, request), undefined);
  const [parked] = ((await parkedAs(request))?.args ?? []) as Record<string, unknown>[];
  assert.deepEqual(parked?.deadLetter, {
    destination: 'http://gateway.default.svc.cluster.local',
    code: 422,
    data: '{"error":"route orders: no id"}',
  });
  assert.match(String(parked?.reason), /gave up.*answered 422.*no id/);
  assertRejected(await send(gateway.port, { method: 'GET', path: '/dead-letters' }), 405);
});

test('at the limit of parked requests the statuses stay the same, but ackParked no longer gives 202', async () => {
  const bad = (n: number) => ({ headers: JSON_TYPE, body: `{"bad":${n}}` });
  for (let n = 0; n < 14; n++) assertRejected(await send(gateway.port, bad(n)), 400);
  assert.equal(await parkedAs(bad(13)), undefined);
  const impatient = {
    headers: { ...JSON_TYPE, authorization: 'Bearer impatient-token' },
    body: '{"bad":"last"}',
  };
  assertRejected(await send(gateway.port, impatient), 400);
  // The last tenth of the limit is reserved for dead letters.
  const letter = (id: string) => ({ path: '/dead-letters', headers: JSON_TYPE, body: order(id) });
  assertAccepted(await send(gateway.port, letter('d2')));
  // A request that is already parked is kept, even at the limit.
  assertAccepted(await send(gateway.port, letter('d2')));
  const answer = await send(gateway.port, letter('d3'));
  assertRejected(answer, 503);
  assert.ok(answer.headers['retry-after']);
});
