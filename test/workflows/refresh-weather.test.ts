import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { RefreshCounts, RefreshPlan, RefreshResult } from '../../domain/weather/refresh-run.ts';
import {
  final,
  retryable,
  type ScriptedActivities,
  startScriptedActivities,
} from '../support/scripted-activities.ts';
import { until } from '../support/until.ts';

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(['planRefresh', 'refreshBatch'], ['weather']);
});
after(() => temporal.stop());

interface BatchTask {
  readonly adcodes: readonly string[];
  readonly run: string;
  readonly day?: string;
  readonly spareCalls?: number;
}

const planned = (batches: readonly (readonly string[])[], more: Partial<RefreshPlan> = {}): RefreshPlan => ({
  ...{ provider: 'stand-in', batches, known: 9, allowance: null, note: '' },
  ...more,
});

const counts = (some: Partial<RefreshCounts>): RefreshCounts => ({
  ...{ fresh: 0, empty: 0, failed: {}, skipped: 0, calls: 0, written: 0, unchanged: 0 },
  ...some,
});

const start = (workflowId = `weather-${randomUUID()}`): Promise<WorkflowHandle> =>
  temporal.client.workflow.start('refreshWeather', { taskQueue: 'weather', workflowId });

/** The failure of a run: its type and message, whether Temporal may retry the run, and its details. */
async function failureOf(run: WorkflowHandle) {
  const error = await run.result().then(
    () => assert.fail('the run did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  const { type, message, nonRetryable, details } = error.cause as unknown as {
    type: string;
    message: string;
    nonRetryable: boolean;
    details: unknown[];
  };
  return { type, message, nonRetryable, details };
}

const batchTasks = (): BatchTask[] =>
  temporal.calls.filter(({ name }) => name === 'refreshBatch').map(({ task }) => task as BatchTask);

test('a run plans, refreshes every batch, and returns the sum of the counts', async () => {
  const first = counts({ fresh: 1, empty: 1, failed: { timeout: 2 }, calls: 5, written: 4, unchanged: 3 });
  const second = counts({ fresh: 2, skipped: 1, failed: { timeout: 1, rejected: 1 }, calls: 4, written: 8 });
  temporal.script({
    planRefresh: () =>
      planned([['110000', '120000', '130000', '140000'], ['150000']], {
        ...{ allowance: 20, day: '2026-11-22', note: 'only five places' },
      }),
    refreshBatch: ({ adcodes }: BatchTask) => ({ counts: adcodes.length === 4 ? first : second }),
  });
  const workflowId = `weather-refresh-2026-11-22T12:00:0${randomInt(10)}Z`;
  const run = await start(workflowId);
  const expected: RefreshResult = {
    ...{
      slot: workflowId.slice(-20),
      provider: 'stand-in',
      places: 5,
      allowance: 20,
      note: 'only five places',
    },
    ...{ fresh: 3, empty: 1, failed: { timeout: 3, rejected: 1 }, skipped: 1 },
    ...{ calls: 9, written: 12, unchanged: 3 },
  };
  assert.deepEqual(await run.result(), expected);
  assert.deepEqual((await run.describe()).memo?.refresh, expected);
  assert.deepEqual(temporal.names(), ['planRefresh', 'refreshBatch', 'refreshBatch']);
  assert.deepEqual(
    batchTasks().find(({ adcodes }) => adcodes.length === 1),
    { adcodes: ['150000'], run: workflowId, day: '2026-11-22' },
  );
  assert.deepEqual(await run.query('progress'), {
    ...{ phase: 'done', done: 9, total: 5, unit: 'places', failed: 4, note: 'only five places' },
  });
});

test('a run whose id has no time slot returns its start time as the slot, in whole seconds', async () => {
  temporal.script({ planRefresh: () => planned([]) });
  const run = await start();
  const { slot } = (await run.result()) as RefreshResult;
  assert.equal(slot, `${(await run.describe()).startTime.toISOString().slice(0, 19)}Z`);
});

test('a plan without batches starts no batch', async () => {
  temporal.script({ planRefresh: () => planned([], { note: 'the budget is used up' }) });
  const { places, note } = (await (await start()).result()) as RefreshResult;
  assert.deepEqual({ places, note }, { places: 0, note: 'the budget is used up' });
  assert.deepEqual(temporal.names(), ['planRefresh']);
});

test('at most four batches run at the same time', async () => {
  let running = 0;
  let most = 0;
  temporal.script({
    planRefresh: () => planned(Array.from({ length: 9 }, (_, at) => [String(at)])),
    async refreshBatch() {
      most = Math.max(most, ++running);
      await delay(200);
      running--;
      return { counts: counts({ fresh: 1 }) };
    },
  });
  assert.equal(((await (await start()).result()) as RefreshResult).fresh, 9);
  assert.equal(most, 4);
});

test('spare calls are shared by the running batches, and unused ones go to later batches', async () => {
  temporal.script({
    planRefresh: () => planned([['1'], ['2'], ['3'], ['4'], ['5']], { spareCalls: 40 }),
    async refreshBatch({ adcodes: [adcode] }: BatchTask) {
      // The fifth batch starts after the first has given back seven calls.
      if (adcode !== '1') await until('five batches have started', () => batchTasks().length === 5);
      return { counts: counts({ fresh: 1 }), spareCalls: adcode === '1' ? 7 : 0 };
    },
  });
  await (await start()).result();
  assert.deepEqual(
    batchTasks()
      .map(({ adcodes, spareCalls }) => [adcodes[0], spareCalls])
      .toSorted(),
    [
      ['1', 10],
      ['2', 10],
      ['3', 10],
      ['4', 10],
      ['5', 7],
    ],
  );
});

test('a batch that stops the run ends it with its failure, and no further batch starts', async () => {
  temporal.script({
    planRefresh: () => planned([['1'], ['2'], ['3'], ['4'], ['5'], ['6']]),
    async refreshBatch({ adcodes: [adcode] }: BatchTask) {
      if (adcode !== '1') await until('four batches have started', () => batchTasks().length === 4);
      const stopped = { class: 'rejected', reason: 'the key is invalid' };
      return adcode === '1' ? { counts: counts({ skipped: 1 }), stopped } : { counts: counts({ fresh: 1 }) };
    },
  });
  const run = await start();
  const { details, ...failure } = await failureOf(run);
  assert.deepEqual(failure, { type: 'rejected', message: 'the key is invalid', nonRetryable: true });
  const { memo } = await run.describe();
  assert.deepEqual(details, [memo?.refresh]);
  const { fresh, skipped, places } = (memo?.refresh ?? {}) as RefreshResult;
  assert.deepEqual({ fresh, skipped, places }, { fresh: 3, skipped: 1, places: 6 });
  assert.equal(batchTasks().length, 4);
  assert.equal(((await run.query('progress')) as { note: string }).note, 'the key is invalid');
});

test('if one batch fails permanently, the run fails, and its memo has the counts of the other batches', async () => {
  temporal.script({
    planRefresh: () => planned([['1'], ['2'], ['3']]),
    async refreshBatch({ adcodes: [adcode] }: BatchTask) {
      if (adcode === '1') return { counts: counts({ fresh: 1, calls: 1, written: 4 }) };
      await delay(500);
      throw final('Corrupt');
    },
  });
  const run = await start();
  await failureOf(run);
  const { memo, status } = await run.describe();
  const { places, fresh, calls, written } = (memo?.refresh ?? {}) as RefreshResult;
  assert.deepEqual(
    { status: status.name, places, fresh, calls, written },
    { status: 'FAILED', places: 3, fresh: 1, calls: 1, written: 4 },
  );
});

test('a plan and a batch that fail temporarily are tried again', async () => {
  temporal.script({
    planRefresh(_, call) {
      if (call === 0) throw retryable('StoreUnavailable');
      return planned([['1']]);
    },
    refreshBatch(_, call) {
      if (call === 0) throw retryable('StoreUnavailable');
      return { counts: counts({ fresh: 1 }) };
    },
  });
  assert.equal(((await (await start()).result()) as RefreshResult).fresh, 1);
  assert.deepEqual(temporal.names(), ['planRefresh', 'planRefresh', 'refreshBatch', 'refreshBatch']);
});

test('a plan that fails permanently fails the run, and no batch starts', async () => {
  temporal.script({
    planRefresh() {
      throw final('BadSettings');
    },
  });
  const run = await start();
  await failureOf(run);
  assert.deepEqual(temporal.names(), ['planRefresh']);
});
