import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callProvider } from '../../../activities/weather/call-provider.ts';
import type { ProviderCall } from '../../../activities/weather/call-retries.ts';
import { CircuitBreaker } from '../../../activities/weather/circuit-breaker.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

const { signal } = new AbortController();
/** Ten seconds before and after midnight in Beijing. */
const BEFORE = Date.parse('2026-11-22T23:59:50+08:00');
const AFTER = Date.parse('2026-11-23T00:00:10+08:00');
const limits = { perSecond: 500, perDay: 100 };
const CALLS: readonly ProviderCall[] = ['330000', '330100', '330102', '330105', '330106'].map((adcode) => ({
  ...{ adcodes: [adcode], tries: 0 },
}));

test('counts calls again if they were reserved before midnight but are made after midnight', async (t) => {
  const { deps, calls } = await startWeatherFixture(t, limits);
  const breaker = new CircuitBreaker();
  breaker.recordFailure({ class: 'throttled', code: 'c', reason: 'too fast', afterMs: 60_000 });
  const before = await callProvider(deps({ clock: () => BEFORE }), breaker, CALLS, signal);
  assert.deepEqual([before.missed.length, before.newlyReserved, await calls()], [5, 5, 0]);
  const { budgetStore } = deps({ clock: () => BEFORE });
  assert.deepEqual(
    [(await budgetStore.readBudget()).day, (await budgetStore.readBudget()).dayCalls],
    ['2026-11-22', 5],
  );

  const again = await callProvider(deps({ clock: () => BEFORE }), breaker, before.missed, signal);
  assert.deepEqual([again.missed.length, again.newlyReserved], [5, 0]);
  assert.equal((await budgetStore.readBudget()).dayCalls, 5, 'on the same day they are not counted twice');

  const weatherDeps = deps({ clock: () => AFTER });
  // The new day also has calls of another worker.
  await weatherDeps.budgetStore.reserve(20, 0);
  const after = await callProvider(weatherDeps, new CircuitBreaker(), again.missed, signal);
  assert.deepEqual([after.answers.length, after.newlyReserved, await calls()], [5, 5, 5]);
  const { day, dayCalls, monthCalls } = await weatherDeps.budgetStore.readBudget();
  assert.deepEqual({ day, dayCalls, monthCalls }, { day: '2026-11-23', dayCalls: 25, monthCalls: 25 });
});

test('skips the calls of a refresh slot that are not made before the end of the day in Beijing', async (t) => {
  const { deps, calls } = await startWeatherFixture(t, limits);
  const late = deps({ clock: () => BEFORE, limits: { ...limits, perSecond: 0.2 } });
  const slow = await late.budgetStore.reserve(5, 0, { until: '2026-11-22' });
  assert.deepEqual([slow.calls, slow.postponed], [2, 0]);

  const weatherDeps = deps({ clock: () => AFTER });
  const over = await callProvider(weatherDeps, new CircuitBreaker(), CALLS, signal, '2026-11-22');
  assert.deepEqual(
    [over.skipped.length, over.missed.length, over.newlyReserved, await calls()],
    [5, 0, 0, 0],
  );
  assert.equal((await weatherDeps.budgetStore.readBudget()).dayCalls, 0);
  const next = await callProvider(weatherDeps, new CircuitBreaker(), CALLS, signal, '2026-11-23');
  assert.deepEqual([next.answers.length, next.newlyReserved], [5, 5]);
});

test('reserves calls again unless they were reserved for the current day', async (t) => {
  const { deps } = await startWeatherFixture(t, limits);
  const weatherDeps = deps({ clock: () => AFTER });
  await weatherDeps.budgetStore.reserve(3, 0);
  const days = ['2026-11-22', '2026-11-23', undefined, '2026-11-23', '2026-11-22'];
  const pending = CALLS.map((call, index) => ({ ...call, reservedFor: days[index] }));
  const { answers, newlyReserved } = await callProvider(weatherDeps, new CircuitBreaker(), pending, signal);
  assert.deepEqual([answers.length, newlyReserved], [5, 3]);
  assert.equal((await weatherDeps.budgetStore.readBudget()).dayCalls, 6);
});

test('releases the calls reserved for the current day if another worker has closed the provider', async (t) => {
  const { deps, calls } = await startWeatherFixture(t, limits);
  const weatherDeps = deps({ clock: () => AFTER });
  await weatherDeps.budgetStore.reserve(7, 0);
  const days = ['2026-11-23', '2026-11-22', undefined, '2026-11-23', undefined];
  const pending = CALLS.map((call, index) => ({ ...call, reservedFor: days[index] }));
  await weatherDeps.budgetStore.closeProvider(AFTER + 3_600_000, 'its quota is used up');
  const results = await callProvider(weatherDeps, new CircuitBreaker(), pending, signal);
  assert.deepEqual([results.skipped.length, results.newlyReserved, await calls()], [5, -2, 0]);
  const { dayCalls, monthCalls } = await weatherDeps.budgetStore.readBudget();
  assert.deepEqual([dayCalls, monthCalls], [5, 5]);
});
