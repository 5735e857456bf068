import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { REFRESH_SCHEDULE_ID } from '../../domain/weather/refresh-slots.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { budgetsTable, weatherTable } from '../../ports/weather-tables.ts';
import { until } from '../support/until.ts';
import { startWeatherSystem } from '../support/weather-system.ts';

const PER_SECOND = 300;
const PLACES = allPlaces().length;
/**
 * The maximum number of calls that are wasted when processes are killed: calls that are reserved but not made, or whose
 * answers are not stored.
 */
const MAX_WASTED_CALLS = 800;
/**
 * A refresh may use its share of the day's budget: at least an eighth, because refreshes start at 0, 3, … and 21 h. An
 * eighth is enough for all places and for the wasted calls.
 */
const PER_DAY = (PLACES + MAX_WASTED_CALLS) * 8;
const seed = Number(process.env.WEATHER_STORM_SEED ?? Date.now() % 1_000_000);

const PROVIDER = { provider: 'stand-in' };

/**
 * Spends the day's budget except for `remaining` calls, as another user of the key would. Returns the number of spent
 * calls.
 */
async function spendAllBut(store: TableStore, remaining: number): Promise<number> {
  for (;;) {
    const { version = 0n, daycalls = 0n } = (await store.get(budgetsTable, PROVIDER))?.columns ?? {};
    const spent = PER_DAY - remaining;
    const set = { version: version + 1n, daycalls: daycalls + BigInt(spent) };
    const when = { columns: { column: 'version', is: '=', value: version, ifMissing: 'unmet' } } as const;
    if ((await store.update(budgetsTable, PROVIDER, { set }, { when })) === 'written') return spent;
  }
}

/** Returns a generator of numbers from 0 to 1 that depend only on the seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`kill -9 of workers, Temporal and store during a refresh loses no place and exceeds no budget (seed ${seed})`, {
  timeout: 300_000,
}, async (t) => {
  const system = await startWeatherSystem({
    ...{ WEATHER_CALLS_PER_MINUTE: String(PER_SECOND * 60), WEATHER_CALLS_PER_DAY: String(PER_DAY) },
  });
  t.after(() => system.stop());
  const { client, temporal, local, store } = system;
  const workers = [system.worker('one'), system.worker('other')];
  for (const worker of workers) await worker.start();
  const startedAt = Date.now();
  const workflowId = await until('the first run has started', async () => {
    const { recentActions } = (await client.schedule.getHandle(REFRESH_SCHEDULE_ID).describe()).info;
    return recentActions[0]?.action.workflow.workflowId;
  });
  await until('calls are made', async () => (await system.callCounts()).total > 100);
  const spent = await spendAllBut(store, PLACES + MAX_WASTED_CALLS);

  const random = seededRandom(seed);
  const faults: string[] = [];
  const pendingFaults: [string, () => Promise<void>][] = [
    [
      'first worker',
      async () => {
        await workers[0]?.kill();
        await workers[0]?.start();
      },
    ],
    [
      'store',
      async () => {
        await local.kill();
        await local.start();
      },
    ],
    [
      'Temporal',
      async () => {
        await temporal.kill();
        await temporal.restart();
      },
    ],
    [
      'second worker',
      async () => {
        await workers[1]?.kill();
        await workers[1]?.start();
      },
    ],
  ];
  while (pendingFaults.length > 0) {
    await sleep(200 + random() * 900);
    const [[fault, inject] = ['', async () => {}]] = pendingFaults.splice(
      Math.floor(random() * pendingFaults.length),
      1,
    );
    faults.push(
      `${fault} at ${((Date.now() - startedAt) / 1_000).toFixed(1)} s, ${(await system.callCounts()).total} calls`,
    );
    await inject();
  }
  assert.ok((await system.callCounts()).total < PLACES, 'the refresh was complete before all faults');
  const { fresh, places } = await system.result(workflowId);
  const { total, mostInASecond, byAdcode } = await system.callCounts();
  const { daycalls = 0n } = (await store.get(budgetsTable, PROVIDER))?.columns ?? {};
  const reserved = Number(daycalls) - spent;
  const durationS = ((Date.now() - startedAt) / 1_000).toFixed(1);
  t.diagnostic(faults.join('; '));
  t.diagnostic(
    `${durationS} s, ${total} calls of ${reserved} reserved, at most ${mostInASecond} in a second`,
  );

  assert.deepEqual({ places, fresh }, { places: PLACES, fresh: PLACES });
  assert.equal(Object.keys(byAdcode).length, PLACES);
  const days = new Map<string, number>();
  for await (const { key } of store.range(weatherTable, { columns: ['hash'] }))
    days.set(key.adcode, (days.get(key.adcode) ?? 0) + 1);
  assert.deepEqual(
    allPlaces().filter(({ adcode }) => (days.get(adcode) ?? 0) < 4),
    [],
  );
  const outcomes = await system.freshness();
  assert.deepEqual(
    allPlaces().filter(({ adcode }) => outcomes.get(adcode) !== 'fresh'),
    [],
  );
  assert.ok(total <= reserved, `${total} calls, ${reserved} reserved`);
  assert.ok(spent + reserved <= PER_DAY, `${spent + reserved} reserved, ${PER_DAY} allowed`);
  assert.ok(mostInASecond <= PER_SECOND, `${mostInASecond} calls in a second, ${PER_SECOND} allowed`);
});
