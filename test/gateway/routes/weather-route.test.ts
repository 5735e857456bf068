import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJsonFormat } from '../../../domain/cloud-event.ts';
import { refreshWorkflowIdAt } from '../../../domain/weather/refresh-slots.ts';
import { evaluateRoute } from '../../../gateway/routes/route.ts';
import { decodeAll } from '../decode/decoded.ts';
import { routesOf } from '../running-gateway.ts';

const NOW = Date.parse('2026-11-22T12:00:00+08:00');
const PING = {
  ...{ specversion: '1.0', id: '1', type: 'dev.knative.sources.ping' },
  source: '/apis/v1/namespaces/default/pingsources/weather-refresh',
  time: '2026-11-22T11:59:30+08:00',
};

function decisionFor(event: object, now = NOW) {
  const row = routesOf('routes: []\n').routes.find(({ name }) => name === 'weather');
  const [decoded] = decodeAll({}, JSON.stringify(event));
  assert.ok(row && decoded);
  return evaluateRoute(row, { event: decoded, json: toJsonFormat(decoded) }, now);
}

/** The name of a slot is the instant at which the slot begins. */
const slots: readonly (readonly [time: string, slot: string])[] = [
  ['2026-11-22T12:00:00+08:00', '2026-11-22T12:00:00+08:00'],
  ['2026-11-22T12:00:30+08:00', '2026-11-22T12:00:00+08:00'],
  ['2026-11-22T14:59:59.999+08:00', '2026-11-22T12:00:00+08:00'],
  ['2026-11-22T11:59:59.999+08:00', '2026-11-22T09:00:00+08:00'],
  ['2026-11-22T04:00:00Z', '2026-11-22T12:00:00+08:00'],
  ['2026-11-22T22:30:00+08:00', '2026-11-22T21:00:00+08:00'],
  ['2026-11-22T16:00:01Z', '2026-11-23T00:00:00+08:00'],
];
for (const [time, slot] of slots)
  test(`a timer’s event at ${time} starts the run that the Schedule starts at ${slot}`, () => {
    const decision = decisionFor({ ...PING, time }, Date.parse(time) + 1_000);
    assert.ok(decision.verdict === 'start');
    const { workflowId, workflow, queue } = decision.runRequest;
    assert.deepEqual(
      { workflowId, workflow, queue },
      { workflowId: refreshWorkflowIdAt(Date.parse(slot)), workflow: 'refreshWeather', queue: 'weather' },
    );
  });

const verdicts: readonly (readonly [name: string, more: object, verdict: string])[] = [
  [
    'an event of a CronJobSource',
    { type: 'dev.knative.cronjob.event', source: '/x/cronjobsources/weather-refresh' },
    'start',
  ],
  ['an event of a person', { type: 'sluice.weather.refresh', source: '/people/weather-refresh' }, 'start'],
  ['an event of another timer', { source: '/apis/v1/namespaces/default/pingsources/cleanup' }, 'no match'],
  ['an event of another type from the same timer', { type: 'dev.knative.other' }, 'no match'],
  ['an event that is too old', { time: '2026-11-22T08:59:59+08:00' }, 'expired'],
  ['an event of a future slot', { time: '2026-11-22T15:00:00+08:00' }, 'refused'],
  ['an event from a fast clock', { time: '2026-11-22T12:05:00+08:00' }, 'start'],
  ['an event that is old, but not too old', { time: '2026-11-22T09:00:00+08:00' }, 'start'],
];
for (const [name, more, verdict] of verdicts)
  test(`${name}: ${verdict}`, () => assert.equal(decisionFor({ ...PING, ...more }).verdict, verdict));
