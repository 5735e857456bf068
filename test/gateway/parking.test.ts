import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { assertRefused, assertTaken, type Sent, send } from './http.ts';
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

/** `parked:<h>` of design §2: over the request's ce-* and content-type headers and its body. */
function idOf({ headers = {}, body = '' }: Sent): string {
  const named = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));
  const lines = named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${value}\n`);
  const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const content = Buffer.concat([Buffer.from(`${lines.join('')}\n`), Buffer.from(body as string)]);
  return `parked:${sha(JSON.stringify(['parked', sha(content)])).slice(0, 16)}`;
}

const parkedAs = async (request: Sent) => runOf(gateway.client, idOf(request));
const JSON_TYPE = { 'content-type': 'application/json' };
const order = (id: string, more: object = {}) =>
  JSON.stringify({ specversion: '1.0', id, source: '/shop', type: 'order.placed', data: {}, ...more });

test('what is answered 400 is parked with its bytes and the reason', async () => {
  const request = { headers: JSON_TYPE, body: '{"specversion":"1.0","source":"/shop","type":"t"}' };
  assertRefused(await send(gateway.port, request), 400);
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

test('a matched event that cannot be started is answered 422 and parked under its route', async () => {
  const request = { headers: JSON_TYPE, body: order('no-order') };
  assertRefused(await send(gateway.port, request), 422);
  const run = await parkedAs(request);
  assert.deepEqual(run?.attributes, { Route: 'orders', EventSource: '/shop', EventId: ['no-order'] });
});

test('bytes that are no text come back as they were, headers with secrets do not', async () => {
  const body = Buffer.from([0xff, 0x00, 0xfe]);
  const headers = { ...JSON_TYPE, authorization: 'Bearer secret-1', cookie: 'secret-2', 'ce-id': 'x' };
  assertRefused(await send(gateway.port, { headers, body, path: '/?access_token=secret-3' }), 400);
  const { authorization: _, cookie: __, ...kept } = headers;
  const [parked] = ((await parkedAs({ headers: kept, body }))?.args ?? []) as Record<string, unknown>[];
  assert.deepEqual(Buffer.from(String(parked?.body), 'base64'), body);
  assert.deepEqual(parked?.headers, kept);
  assert.doesNotMatch(JSON.stringify(parked), /secret-/);
});

test('the same bad request a hundred times is parked once', async () => {
  const request = { headers: JSON_TYPE, body: '{"often":1}' };
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(gateway.port, request)));
  for (const answer of answers) assertRefused(answer, 400);
  const count = async () => (await gateway.client.workflow.count(`WorkflowId = '${idOf(request)}'`)).count;
  await until('it is listed', async () => (await count()) > 0);
  assert.equal(await count(), 1);
});

test('what was dealt with, and comes again wrong as before, is parked anew', async () => {
  const request = { headers: JSON_TYPE, body: '{"again":1}' };
  await send(gateway.port, request);
  const first = await parkedAs(request);
  await gateway.client.workflow.getHandle(idOf(request)).terminate();
  await send(gateway.port, request);
  const second = await parkedAs(request);
  assert.ok(first && second);
  assert.notEqual(second.runId, first.runId);
});

test('a source that asks for it gets 202 for what is parked, and only with its credentials', async () => {
  const body = '{"specversion":"1.0","source":"/impatient","type":"t"}';
  const good = { headers: { ...JSON_TYPE, authorization: 'Bearer impatient-token' }, body };
  assertTaken(await send(gateway.port, good), undefined);
  assert.ok(await parkedAs(good));
  const other = { headers: JSON_TYPE, body: body.replace('"t"', '"u"') };
  assertRefused(await send(gateway.port, other), 400);
});

test('what matches nothing is parked where its source asks for it, and not elsewhere', async () => {
  const event = { specversion: '1.0', id: 'k1', source: '/keeper', type: 'who.knows' };
  assertTaken(await send(gateway.port, { headers: JSON_TYPE, body: JSON.stringify(event) }), undefined);
  const structured = { 'content-type': 'application/cloudevents+json' };
  assert.ok(await parkedAs({ headers: structured, body: JSON.stringify(event) }));
  const elsewhere = JSON.stringify({ ...event, source: '/other' });
  await send(gateway.port, { headers: JSON_TYPE, body: elsewhere });
  assert.equal(await parkedAs({ headers: structured, body: elsewhere }), undefined);
});

test('who may not send fills no store: 401 and 413 are not parked, nor is what is too large', async () => {
  const wrong = {
    headers: { ...JSON_TYPE, authorization: 'Bearer wrong' },
    body: order('w', { source: '/impatient' }),
  };
  assertRefused(await send(gateway.port, wrong), 401);
  const large = { headers: JSON_TYPE, body: 'x'.repeat(70_000) };
  assertRefused(await send(gateway.port, large), 413);
  const medium = { headers: JSON_TYPE, body: 'x'.repeat(2_001) };
  assertRefused(await send(gateway.port, medium), 400);
  for (const request of [wrong, large, medium]) assert.equal(await parkedAs(request), undefined);
  assert.match(gateway.received.at(-1)?.reason ?? '', /not parked: its 2001 bytes are over 2000/);
});

test('a dead letter that is too large to be kept is a 413, so that its sender can send less of it', async () => {
  const body = JSON.stringify({
    specversion: '1.0',
    id: 'l1',
    source: '/s',
    type: 't',
    data: 'x'.repeat(2_000),
  });
  const letter = { path: '/dead-letters', headers: { 'content-type': 'application/cloudevents+json' }, body };
  assertRefused(await send(gateway.port, letter), 413);
  assert.equal(await parkedAs(letter), undefined);
});

test('a dead letter is parked with what the broker said, and acknowledged', async () => {
  const headers = {
    ...{ 'ce-specversion': '1.0', 'ce-id': 'd1', 'ce-source': '/shop', 'ce-type': 'order.placed' },
    'ce-knativeerrordest': 'http://gateway.default.svc.cluster.local',
    'ce-knativeerrorcode': '422',
    'ce-knativeerrordata': Buffer.from('{"error":"route orders: no id"}').toString('base64'),
  };
  const request = { path: '/dead-letters', headers, body: '' };
  assertTaken(await send(gateway.port, request), undefined);
  const [parked] = ((await parkedAs(request))?.args ?? []) as Record<string, unknown>[];
  assert.deepEqual(parked?.deadLetter, {
    destination: 'http://gateway.default.svc.cluster.local',
    code: 422,
    data: '{"error":"route orders: no id"}',
  });
  assert.match(String(parked?.reason), /gave up.*answered 422.*no id/);
  assertRefused(await send(gateway.port, { method: 'GET', path: '/dead-letters' }), 405);
});

test('only so many are parked at a time: then the answers stay, 202 for parked is no more given', async () => {
  const bad = (n: number) => ({ headers: JSON_TYPE, body: `{"bad":${n}}` });
  for (let n = 0; n < 14; n++) assertRefused(await send(gateway.port, bad(n)), 400);
  assert.equal(await parkedAs(bad(13)), undefined);
  const impatient = {
    headers: { ...JSON_TYPE, authorization: 'Bearer impatient-token' },
    body: '{"bad":"last"}',
  };
  assertRefused(await send(gateway.port, impatient), 400);
  // The last tenth of the places is for dead letters.
  const letter = (id: string) => ({ path: '/dead-letters', headers: JSON_TYPE, body: order(id) });
  assertTaken(await send(gateway.port, letter('d2')));
  // What is kept already is kept, however full it is.
  assertTaken(await send(gateway.port, letter('d2')));
  const answer = await send(gateway.port, letter('d3'));
  assertRefused(answer, 503);
  assert.ok(answer.headers['retry-after']);
});
