import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BudgetStore } from '../../../activities/weather/budget-store.ts';
import type { WeatherDeps } from '../../../activities/weather/weather-deps.ts';
import { createOpenMeteoProvider } from '../../../adapters/forecast/open-meteo/open-meteo-provider.ts';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { freeTierLimits } from '../../../domain/weather/providers.ts';
import { addCounts, NO_COUNTS } from '../../../domain/weather/refresh-run.ts';
import { SpareCallPool } from '../../../domain/weather/spare-call-pool.ts';
import { type Forecast, startOpenMeteo } from '../../support/open-meteo-server.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

/** Returns the middle of the server's grid cell that contains a place. */
const gridCellOf = ({ latitude = 0, longitude = 0 }): string =>
  `${Math.round(latitude * 8) / 8}, ${Math.round(longitude * 8) / 8}`;

const LOCATED = allPlaces().filter(({ latitude }) => latitude !== undefined);
const CELLS = new Set(
  LOCATED.filter(({ level }) => level !== 'county')
    .slice(10, 15)
    .map(gridCellOf),
);
const UNREADABLE = LOCATED.filter((place) => CELLS.has(gridCellOf(place)));
/** A time at which the first refresh slot of a day in Beijing has just started. All eight refresh slots are left. */
const FIRST = Date.parse('2026-11-20T00:00:30+08:00');
const limits = { ...freeTierLimits['open-meteo'], perSecond: 500 };

/** Returns the forecasts without the days of the places in `CELLS`. */
function withoutDays(forecasts: Forecast[]): unknown {
  for (const forecast of forecasts)
    if (CELLS.has(gridCellOf(forecast as { latitude?: number; longitude?: number }))) forecast.daily = {};
  return forecasts.length === 1 ? forecasts[0] : forecasts;
}

test('retries of places whose forecasts are always invalid never use the calls that other places need', async (t) => {
  const { deps, plan, refresh } = await startWeatherFixture(t);
  const server = await startOpenMeteo();
  const provider = createOpenMeteoProvider({ endpoint: server.endpoint, timeoutMs: 800 });
  t.after(async () => {
    await provider.close();
    await server.stop();
  });
  server.fault = { do: 'change', change: withoutDays };
  const began = Date.now();
  const clock = (): number => FIRST + Date.now() - began;
  const base = deps({ clock });
  const budgetStore = new BudgetStore(base.store, provider.id, limits, clock);
  const weatherDeps: WeatherDeps = { ...base, provider, limits, budgetStore };
  const { batches, spareCalls, allowance } = await plan(weatherDeps);
  const pool = new SpareCallPool(spareCalls, 1);
  let counts = NO_COUNTS;
  for (const batch of batches) {
    const result = await refresh(weatherDeps, batch, 'slot', { spareCalls: pool.takeShare() ?? 0 });
    pool.returnUnused(result.spareCalls ?? 0);
    counts = addCounts(counts, result.counts);
  }
  const { fresh, failed, skipped, calls } = counts;
  assert.deepEqual(
    { allowance, fresh, failed, skipped },
    {
      allowance: 25,
      fresh: LOCATED.length - UNREADABLE.length,
      failed: { transient: UNREADABLE.length },
      skipped: 0,
    },
  );
  assert.ok(calls <= 25, `${calls} calls`);
});

test('retries the unreadable places of a call in one call', async (t) => {
  const { deps, refresh } = await startWeatherFixture(t);
  const server = await startOpenMeteo();
  const provider = createOpenMeteoProvider({ endpoint: server.endpoint, timeoutMs: 800 });
  t.after(async () => {
    await provider.close();
    await server.stop();
  });
  server.fault = { do: 'change', change: (list) => (server.calls.length === 1 ? withoutDays(list) : list) };
  const base = deps();
  const weatherDeps = {
    ...base,
    provider,
    budgetStore: new BudgetStore(base.store, provider.id, limits, Date.now),
  };
  const some = [...UNREADABLE, ...LOCATED.slice(-20)].map(({ adcode }) => adcode);
  const { counts } = await refresh(weatherDeps, some);
  assert.deepEqual([counts.fresh, counts.failed, server.calls.length], [some.length, {}, 2]);
});
