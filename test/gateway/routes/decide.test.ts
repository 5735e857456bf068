import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJsonFormat } from '../../../domain/cloud-event.ts';
import { evaluateRoute } from '../../../gateway/routes/route.ts';
import { decodeAll } from '../decode/decoded.ts';
import { routesOf } from '../running-gateway.ts';
import { hashOf } from '../runs-of.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

const decisionFor = (route: string, more: object) => {
  const body = { specversion: '1.0', id: 'i', source: '/s', type: 't', ...more };
  return decisionForJson(route, JSON.stringify(body));
};

const decisionForJson = (route: string, json: string) => {
  const text = `routes:\n  - { name: r, match: { type: [t] }, workflow: w, queue: q, ${route} }\n`;
  const row = routesOf(text).routes.find(({ name }) => name === 'r');
  const [event] = decodeAll({}, json);
  assert.ok(row && event);
  return evaluateRoute(row, { event, json: toJsonFormat(event) }, NOW);
};

const ids: readonly (readonly [route: string, more: object, workflowId: string])[] = [
  ['id: "a:{id}"', {}, `a:i:${hashOf('r', '/s', 'i')}`],
  ['id: "a:{id}", exact: true', {}, 'a:i'],
  ['id: "a:{data.city}", signal: changed', { data: { city: '110000' } }, 'a:110000'],
  [
    'id: "weather-refresh-{time|slot:PT3H,Asia/Shanghai}", exact: true, reserved: allowed',
    { time: '2026-11-22T11:10:00+08:00' },
    'weather-refresh-2026-11-22T01:00:00Z',
  ],
];

for (const [route, more, workflowId] of ids) {
  test(`a route with ${route} starts ${workflowId}`, () => {
    const decision = decisionFor(route, more);
    assert.ok(decision.verdict === 'start');
    assert.equal(decision.runRequest.workflowId, workflowId);
  });
}

test('a start has the route’s signal, delay and input', () => {
  const signal = decisionFor('id: "a", signal: changed, input: { v: "{data.v}" }', { data: { v: 5 } });
  assert.ok(signal.verdict === 'start');
  assert.deepEqual([signal.runRequest.signal, signal.runRequest.argument], ['changed', { v: 5 }]);
  const delayed = decisionFor('id: "a", delay: PT5M', {});
  assert.ok(delayed.verdict === 'start');
  assert.equal(delayed.runRequest.delayMs, 300_000);
});

test('64-bit numbers keep all digits in ids and arguments', () => {
  for (const order of ['9007199254740993', '9007199254740992']) {
    const json = `{"specversion":"1.0","id":"i","source":"/s","type":"t","data":{"order":${order}}}`;
    const decision = decisionForJson(
      'id: "order:{data.order}", exact: true, input: { n: "{data.order}" }',
      json,
    );
    assert.ok(decision.verdict === 'start');
    assert.equal(decision.runRequest.workflowId, `order:${order}`);
    const { argument, argumentText = JSON.stringify(argument) } = decision.runRequest;
    assert.equal(argumentText, `{"n":${order}}`);
  }
});

const verdicts: readonly (readonly [name: string, route: string, more: object, verdict: string])[] = [
  ['of another type', 'id: a', { type: 'u' }, 'no match'],
  [
    'that is exactly as old as expires allows',
    'id: a, expires: PT1H',
    { time: '2026-11-22T11:00:00Z' },
    'start',
  ],
  [
    'that is one second older than expires allows',
    'id: a, expires: PT1H',
    { time: '2026-11-22T10:59:59Z' },
    'expired',
  ],
  [
    'that is old, with a timestamp of EventBridge',
    'id: a, expires: PT1H',
    { time: '2026-11-22T18:59:59Asia/Shanghai' },
    'expired',
  ],
  ['that is old, on a route without expires', 'id: a', { time: '2020-01-01T00:00:00Z' }, 'start'],
  ['without a time', 'id: a, expires: PT1H', {}, 'start'],
  ['that expires now', 'id: a', { expirytime: '2026-11-22T12:00:00Z' }, 'expired'],
  ['that expires later', 'id: a', { expirytime: '2026-11-22T12:00:00.001Z' }, 'start'],
  [
    'that is expired, but does not match',
    'id: a',
    { type: 'u', expirytime: '2020-01-01T00:00:00Z' },
    'no match',
  ],
  ['whose workflow id cannot be built', 'id: "{data.x}"', {}, 'refused'],
  ['whose workflow id would not be text', 'id: "{data.x}"', { data: { x: { y: 1 } } }, 'refused'],
  ['whose workflow id would be empty', 'id: "{data.x}"', { data: { x: '' } }, 'refused'],
  ['whose workflow id would be reserved', 'id: "{data.x}{id}"', { data: { x: 'parked:' } }, 'refused'],
  [
    'whose workflow id would be reserved',
    'id: "p{data.x}", signal: s',
    { data: { x: 'arked:1' } },
    'refused',
  ],
  [
    'whose workflow id may be reserved',
    'id: "{data.x}", reserved: allowed',
    { data: { x: 'parked:1' } },
    'start',
  ],
  ['whose workflow id contains a reserved text', 'id: "a{data.x}"', { data: { x: 'parked:1' } }, 'start'],
  ['whose argument cannot be built', 'id: a, input: { v: "{data.v}" }', {}, 'refused'],
  ['without a time for the slot', 'id: "{time|slot:PT3H,Asia/Shanghai}"', {}, 'refused'],
  ['5 minutes in the future', 'id: a, expires: PT1H', { time: '2026-11-22T12:05:00Z' }, 'start'],
  [
    'more than 5 minutes in the future',
    'id: a, expires: PT1H',
    { time: '2026-11-22T12:05:00.001Z' },
    'refused',
  ],
  [
    'in the future, on a route that does not depend on the time',
    'id: a',
    { time: '2999-01-01T00:00:00Z' },
    'start',
  ],
  ['of a future slot', 'id: "{time|slot:PT3H,UTC}"', { time: '2026-11-22T15:00:00Z' }, 'refused'],
  ['of a slot that begins soon', 'id: "{time|slot:PT1H,UTC}"', { time: '2026-11-22T12:05:00Z' }, 'start'],
  [
    'in the future, with a timestamp of EventBridge',
    'id: a, expires: PT1H',
    { time: '2026-11-22T20:06:00PRC' },
    'refused',
  ],
  [
    'in the future that does not match',
    'id: a, expires: PT1H',
    { type: 'u', time: '2999-01-01T00:00:00Z' },
    'no match',
  ],
  ['with 15 hops', 'id: a', { sluicehops: '15' }, 'start'],
  ['with 16 hops', 'id: a', { sluicehops: 16 }, 'refused'],
];

for (const [name, route, more, verdict] of verdicts) {
  test(`decides ${verdict} for an event ${name}`, () =>
    assert.equal(decisionFor(route, more).verdict, verdict));
}

test('the reason for an event from the future has its time and the allowed maximum', () => {
  const decision = decisionFor('id: "{time|slot:PT3H,UTC}", exact: true', { time: '2999-01-01T00:00:00Z' });
  assert.deepEqual(decision, {
    verdict: 'refused',
    reason: "route r: the event's time 2999-01-01T00:00:00Z is more than 300 s in the future",
  });
});
