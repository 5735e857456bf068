import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const ROUTES = `
routes:
  - name: large
    match: { data: { order: { total: [{ numeric: [">", 10] }] } }, type: [order.placed] }
    workflow: handleOrder
    queue: nobody
    id: "order:{id}"
  - name: always
    match: { type: [order.always] }
    workflow: handleOrder
    queue: nobody
    id: "order:{data.order.id}"
  - name: subjects
    match: { type: [order.subject] }
    workflow: handleOrder
    queue: nobody
    id: "order:{subject}"
  - name: either
    match: { $or: [{ type: [order.either] }, { type: [order.other] }], data: { order: { id: [7] } } }
    workflow: handleOrder
    queue: nobody
    id: "order:{id}"
`;

let gateway: Awaited<ReturnType<typeof startGateway>>;
// The events of these tests start nothing, so no Temporal is needed.
before(async () => {
  gateway = await startGateway('127.0.0.1:1', { routes: ROUTES });
});
after(async () => {
  await gateway?.stop();
});

const order = '{"order":{"total":50}}';
const request = (contentType: string | undefined, type = 'order.placed', body = order) => ({
  headers: {
    ...{ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': type },
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
  },
  body,
});

async function bytesCount(): Promise<number> {
  const { body } = await send(gateway.port, { method: 'GET', path: '/metrics' });
  return Number(/^sluice_events_with_bytes_total (\d+)$/m.exec(body)?.[1]);
}

const cases: readonly (readonly [
  name: string,
  sent: ReturnType<typeof request>,
  reason: string | undefined,
])[] = [
  ['JSON with a text type', request('text/plain'), 'data is bytes because Content-Type is "text/plain"'],
  [
    'JSON with a text type, for a route with $or',
    request('text/plain', 'order.other'),
    'data is bytes because Content-Type is "text/plain"',
  ],
  [
    'a form',
    request('application/x-www-form-urlencoded', 'order.placed', 'total=50'),
    'data is bytes because Content-Type is "application/x-www-form-urlencoded"',
  ],
  [
    'a text without a type',
    request(undefined, 'order.placed', 'total: 50'),
    'data is bytes because Content-Type is missing',
  ],
  [
    'JSON that does not match',
    request('application/json', 'order.placed', '{"order":{"total":5}}'),
    undefined,
  ],
  ['a text, for routes that match other attributes', request('text/plain', 'order.cancelled'), undefined],
];

for (const [name, sent, reason] of cases)
  test(`${name} matches no route, and log and explain say ${reason ?? 'nothing about bytes'}`, async () => {
    assertAccepted(await send(gateway.port, sent));
    const { outcome, reason: logged } = gateway.received.at(-1) ?? {};
    assert.deepEqual([outcome, logged], ['unmatched', reason]);
    const answer = await send(gateway.port, { ...sent, path: '/explain' });
    const { routes } = JSON.parse(answer.body) as { routes: { route: string; reason?: string }[] };
    const reasons = routes.flatMap(({ reason: explained = [] }) => explained);
    assert.deepEqual(reasons, reason === undefined ? [] : [reason]);
  });

test('if a template cannot be filled because data is bytes, the answer says so', async () => {
  const answer = await send(gateway.port, request('text/plain', 'order.always', '{"order":{"id":7}}'));
  assert.equal(
    assertRejected(answer, 422),
    'route always: the event has no data.order.id; data is bytes because Content-Type is "text/plain"',
  );
});

test('if a template needs an attribute that is missing, the answer does not mention bytes', async () => {
  const answer = await send(gateway.port, request('text/plain', 'order.subject'));
  assert.equal(assertRejected(answer, 422), 'route subjects: the event has no subject');
});

test('the metric counts these events', async () => {
  const expected = cases.filter(([, , reason]) => reason !== undefined).length;
  // The text of the metrics is cached for a moment.
  await until('the count is current', async () => (await bytesCount()) === expected);
});
