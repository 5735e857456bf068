import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ScriptedActivities, startScriptedActivities } from '../support/scripted-activities.ts';
import { until } from '../support/until.ts';

/** A new run begins after this number of events, so that the history stays short. */
const SUGGESTED_EVENTS = 100;

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(['decideCity'], ['alerts'], {
    'limit.historyCount.suggestContinueAsNew': SUGGESTED_EVENTS,
  });
});
after(() => temporal.stop());

test('signals that change nothing do not fill the history: the run continues as new, and remembers their events', async () => {
  const wakeAt = Date.now() + 3_600_000;
  const decision = { refresh: false, watchesForecast: false, open: 1, wakeAt, mayContinueEarly: true };
  temporal.script({ decideCity: () => decision });
  const workflowId = 'alert:110000:2026-12-02';
  const run = await temporal.client.workflow.start('alertCity', {
    ...{ workflowId, taskQueue: 'alerts' },
    args: [{ adcode: '110000', date: '2026-12-02' }],
  });
  const { runId } = await run.describe();
  const latest = temporal.client.workflow.getHandle(workflowId);
  for (let n = 0; n < 2 * SUGGESTED_EVENTS; n++) {
    const event = { source: '/weather', id: String(n) };
    await latest.signal('forecastChanged', { event, input: {} });
  }
  await until('a new run has begun', async () => (await latest.describe()).runId !== runId);
  const { events } = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
  assert.ok((events?.length ?? 0) < 4 * SUGGESTED_EVENTS, `${events?.length} events`);
  const first = await temporal.client.workflow.getHandle(workflowId, runId).describe();
  assert.equal(first.status.name, 'CONTINUED_AS_NEW');
  assert.equal((await latest.describe()).status.name, 'RUNNING');
  const { newExecutionRunId = '', input } =
    events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes ?? {};
  assert.notEqual(newExecutionRunId, '');
  const [next] = (input?.payloads ?? []).map(
    ({ data }) => JSON.parse(Buffer.from(data ?? []).toString()) as { carried?: readonly string[] },
  );
  assert.ok((next?.carried?.length ?? 0) > 0, 'the new run remembers the events');
});
