import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { REFRESH_SCHEDULE_ID, refreshSlotsLeftToday } from '../../domain/weather/refresh-slots.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { budgetsTable, weatherTable } from '../../ports/weather-tables.ts';
import { until } from '../support/until.ts';
import { startWeatherSystem } from '../support/weather-system.ts';

const PER_SECOND = 300;
const PLACES = allPlaces().length;
/** Calls that a kill may waste: those that were set aside and not made, and those whose answers were not stored. */
const SLACK = 800;
/** All places, and what kills waste, have to be within the slot's share of the day. */
const PER_DAY = (PLACES + SLACK) * refreshSlotsLeftToday(Date.now());
const seed = Number(process.env.WEATHER_STORM_SEED ?? Date.now() % 1_000_000);

const PROVIDER = { provider: 'stand-in' };

/** Uses up the day's calls but for so many, as somebody else with the same key would; answers how many that were. */
async function spendAllBut(store: TableStore, left: number): Promise<number> {
  for (;;) {
    const { version = 0n, daycalls = 0n } = (await store.get(budgetsTable, PROVIDER))?.columns ?? {};
    const spent = PER_DAY - left;
    const set = { version: version + 1n, daycalls: daycalls + BigInt(spent) };
    const when = { columns: { column: 'version', is: '=', value: version, ifMissing: 'unmet' } } as const;
    if ((await store.update(budgetsTable, PROVIDER, { set }, { when })) === 'written') return spent;
  }
}

/** From 0 to 1, the same with the same seed (mulberry32). */
function chance(state: number): () => number {
  let now = state;
  return () => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`kill -9 of worker, Temporal and store during a refresh of all places loses no place and exceeds no budget (seed ${seed})`, {
  timeout: 120_000,
}, async (t) => {
  const system = await startWeatherSystem({
    ...{ WEATHER_CALLS_PER_MINUTE: String(PER_SECOND * 60), WEATHER_CALLS_PER_DAY: String(PER_DAY) },
  });
  t.after(() => system.stop());
  const { client, temporal, local, store } = system;
  const workers = [system.worker('one'), system.worker('other')];
  for (const worker of workers) await worker.start();
  const began = Date.now();
  const workflowId = await until('the first run', async () => {
    const { recentActions } = (await client.schedule.getHandle(REFRESH_SCHEDULE_ID).describe()).info;
    return recentActions[0]?.action.workflow.workflowId;
  });
  await until('calls are made', async () => (await system.counted()).total > 100);
  const spent = await spendAllBut(store, PLACES + SLACK);

  const random = chance(seed);
  const faults: string[] = [];
  const strikes: [string, () => Promise<void>][] = [
    [
      'worker one',
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
      'worker other',
      async () => {
        await workers[1]?.kill();
        await workers[1]?.start();
      },
    ],
  ];
  while (strikes.length > 0) {
    await sleep(200 + random() * 900);
    const [[what, strike] = ['', async () => {}]] = strikes.splice(Math.floor(random() * strikes.length), 1);
    faults.push(
      `${what} at ${((Date.now() - began) / 1_000).toFixed(1)} s, ${(await system.counted()).total} calls`,
    );
    await strike();
  }
  assert.ok((await system.counted()).total < PLACES, 'all was done before all had been killed');
  const { fresh, places } = await system.result(workflowId);
  const { total, mostInASecond, byAdcode } = await system.counted();
  const { daycalls = 0n } = (await store.get(budgetsTable, PROVIDER))?.columns ?? {};
  const setAside = Number(daycalls) - spent;
  const took = ((Date.now() - began) / 1_000).toFixed(1);
  t.diagnostic(faults.join('; '));
  t.diagnostic(`${took} s, ${total} calls of ${setAside} set aside, ${mostInASecond} in a second`);

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
  assert.ok(total <= setAside, `${total} calls, ${setAside} set aside`);
  assert.ok(spent + setAside <= PER_DAY, `${spent + setAside} set aside, ${PER_DAY} allowed`);
  assert.ok(mostInASecond <= PER_SECOND, `${mostInASecond} in a second`);
});
