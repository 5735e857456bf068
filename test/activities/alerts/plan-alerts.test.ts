import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlanProgress, startCities } from '../../../activities/alerts/plan-alerts.ts';
import { subscriptionsTable } from '../../../ports/alert-tables.ts';
import { startLocalStore } from '../../support/local-store.ts';

const DATES = ['2026-12-01', '2026-12-02'];

test('starts the runs of all places, 32 places at a time, and an attempt continues after the last batch', async (t) => {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  const adcodes = Array.from({ length: 33 }, (_, number) => String(110_000 + number));
  for (const adcode of adcodes)
    for (const subscriptionId of ['a', 'b'])
      await store.put(subscriptionsTable, { adcode, subscriptionId }, { createdat: 1n });
  const started: string[] = [];
  const deps = {
    store,
    runs: {
      wakeSender: async () => {},
      startCity: async (adcode: string, date: string) => {
        started.push(`${adcode} ${date}`);
        return date === DATES[0];
      },
    },
    createMissingTables: async () => [],
  };
  const progress: PlanProgress[] = [];
  const plan = (begin?: PlanProgress) =>
    startCities(
      deps,
      { dates: DATES },
      {
        ...{ begin, onProgress: (next) => void progress.push(next), signal: new AbortController().signal },
      },
    );
  assert.deepEqual(await plan(), { cities: 33, started: 33 });
  assert.deepEqual(
    started.sort(),
    adcodes.flatMap((adcode) => DATES.map((date) => `${adcode} ${date}`)),
  );
  const [first, second] = progress;
  assert.deepEqual(first, { adcode: '110031', cities: 32, started: 32 });
  assert.deepEqual(second, { adcode: '110032', cities: 33, started: 33 });
  started.length = 0;
  assert.deepEqual(await plan(first), { cities: 33, started: 33 });
  assert.deepEqual(started.sort(), ['110032 2026-12-01', '110032 2026-12-02']);
});

test('a place whose subscriptions are all deleted has no run', async (t) => {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  const put = (adcode: string, subscriptionId: string, deletedat?: bigint) =>
    store.put(
      subscriptionsTable,
      { adcode, subscriptionId },
      { createdat: 1n, ...(deletedat && { deletedat }) },
    );
  await put('110000', 'a', 5n);
  await put('110000', 'b', 5n);
  await put('310000', 'a', 5n);
  await put('310000', 'b');
  await put('440100', 'a', 5n);
  const started: string[] = [];
  const runs = {
    wakeSender: async () => {},
    startCity: async (adcode: string) => started.push(adcode) > 0,
  };
  const progress = { begin: undefined, onProgress: () => {}, signal: new AbortController().signal };
  const deps = { store, runs, createMissingTables: async () => [] };
  assert.deepEqual(await startCities(deps, { dates: ['2026-12-02'] }, progress), { cities: 1, started: 1 });
  assert.deepEqual(started, ['310000']);
});
