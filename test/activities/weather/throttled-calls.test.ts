import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherDeps } from '../../../activities/weather/weather-deps.ts';
import type { CallBudget } from '../../../domain/weather/call-budget.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

/** Eight places in Zhejiang. */
const PLACES = ['330000', '330100', '330102', '330105', '330106', '330108', '330109', '330110'];
const HOUR_MS = 3_600_000;

/** Wraps the dependencies so that they record two things: the budget at the start of each call, and the log's lines. */
function recordCallsAndLog(weatherDeps: WeatherDeps): {
  weatherDeps: WeatherDeps;
  started: (CallBudget & { place: string | undefined; at: number })[];
  logged: [object, string][];
} {
  const started: (CallBudget & { place: string | undefined; at: number })[] = [];
  const logged: [object, string][] = [];
  const { id, keyedBy, placesPerCall, attribution } = weatherDeps.provider;
  const fetchForecasts: typeof weatherDeps.provider.fetchForecasts = async (places, signal) => {
    const call = { place: places[0]?.adcode, at: Date.now() };
    started.push({ ...call, ...(await weatherDeps.budgetStore.readBudget()) });
    return weatherDeps.provider.fetchForecasts(places, signal);
  };
  const provider = { id, keyedBy, placesPerCall, attribution, fetchForecasts };
  const log = { warn: (about: object, message: string) => void logged.push([about, message]) };
  return { weatherDeps: { ...weatherDeps, provider, log }, started, logged };
}

test('starts no call after a throttled call until all workers are slowed down', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t, { perSecond: 5 });
  await faults({ do: 'infocode', code: '10021', adcodes: [PLACES[2]], count: 1 });
  const { weatherDeps, started } = recordCallsAndLog(deps());
  const { counts } = await refresh(weatherDeps, PLACES);
  assert.deepEqual([counts.fresh, counts.calls, await calls()], [8, 9, 9]);
  const throttled = started.findIndex(({ place }) => place === PLACES[2]);
  assert.ok(throttled >= 0);
  // The rate grows with each later call, so only the next two are compared.
  const compared = started.slice(0, throttled + 3);
  assert.deepEqual(
    compared.map(({ perSecond }) => perSecond < 3.5),
    compared.map((_, index) => index > throttled),
  );
  // Before the throttled call, calls were 210 ms apart.
  for (let index = throttled + 2; index < throttled + 4; index++) {
    const passed = (started[index]?.at ?? 0) - (started[index - 1]?.at ?? 0);
    assert.ok(passed > 280, `call ${index} started ${passed} ms after the previous one`);
  }
});

test('a batch that begins while the calls of its run are paused reserves no call before the end of the pause', async (t) => {
  const { deps, refresh } = await startWeatherFixture(t);
  const weatherDeps = deps();
  await refresh(weatherDeps, PLACES.slice(0, 1), 'slot', { runId: 'a' });
  const breaker = weatherDeps.circuitBreakers.of('a');
  const { budgetStore } = weatherDeps;
  const reserve = budgetStore.reserve.bind(budgetStore);
  const pausedAtReservation: boolean[] = [];
  budgetStore.reserve = (...args) => {
    pausedAtReservation.push(breaker.isOpen);
    return reserve(...args);
  };
  breaker.recordFailure({ class: 'throttled', code: '10021', reason: 'too many calls', afterMs: 1_000 });
  const { counts } = await refresh(weatherDeps, PLACES.slice(1), 'slot', { runId: 'a' });
  assert.equal(counts.fresh, 7);
  assert.deepEqual(new Set(pausedAtReservation), new Set([false]));
});

test('makes one call at a time if the provider throttles every call, and logs this once', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t, { perSecond: 500, perDay: 10 });
  await faults({ do: 'infocode', code: '10021' });
  const { weatherDeps, logged } = recordCallsAndLog(deps());
  const { counts } = await refresh(weatherDeps, PLACES, 'run 1', { spareCalls: 2 });
  assert.deepEqual(counts.failed, { throttled: 8 });
  assert.equal(await calls(), 10);
  assert.equal(logged.length, 1);
  const [[about, message] = [{}, '']] = logged;
  assert.match(message, /^the provider throttles calls: AMap rejected .*10021/);
  assert.deepEqual(about, { provider: 'stand-in', code: '10021', throttledCalls: 10, afterMs: 0 });
});

test('stops the run and closes the provider for an hour if the answer to a throttled call asks for this pause', async (t) => {
  const { deps, refresh, faults, calls, plan } = await startWeatherFixture(t);
  await faults({ do: 'http', status: 429, retryAfter: '3600' });
  const { weatherDeps, logged } = recordCallsAndLog(deps());
  const before = Date.now();
  const { counts, stopped } = await refresh(weatherDeps, PLACES);
  assert.deepEqual([stopped?.class, stopped?.code, await calls()], ['throttled', 'http-429', 1]);
  assert.match(stopped?.reason ?? '', /asks for a pause of 60 minutes$/);
  assert.deepEqual([counts.calls, logged.length], [1, 1]);
  const { closed, nextAtMs } = await weatherDeps.budgetStore.readBudget();
  const closedMs = (closed?.untilMs ?? 0) - before;
  assert.ok(closedMs >= HOUR_MS && closedMs < HOUR_MS + 5_000, `${closedMs}`);
  assert.ok(nextAtMs < Date.now() + 5_000, 'calls do not wait after the provider is reopened');
  assert.match((await plan(weatherDeps)).note, /^stand-in accepts no calls before .*: http-429: /);
});

for (const [when, delay, isClosed] of [
  ['before midnight', 0, true],
  ['after midnight', 700, false],
] as const)
  test(`if a call before midnight gets a quota error ${when}, the error ${isClosed ? 'closes' : 'does not close'} the provider`, async (t) => {
    const { deps, refresh, faults } = await startWeatherFixture(t);
    const midnight = Date.parse('2026-11-23T00:00:00+08:00');
    const began = Date.now();
    const clock = (): number => midnight - (isClosed ? 60_000 : 400) + (Date.now() - began);
    const { provider, ...others } = deps({ clock });
    const { id, keyedBy, placesPerCall, attribution } = provider;
    await faults({ do: 'infocode', code: '10003' });
    const ask: typeof provider.fetchForecasts = async (places, signal) => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      return provider.fetchForecasts(places, signal);
    };
    const weatherDeps = {
      ...others,
      provider: { id, keyedBy, placesPerCall, attribution, fetchForecasts: ask },
    };
    const { stopped } = await refresh(weatherDeps, PLACES);
    assert.equal(stopped?.code, '10003');
    assert.equal(
      (await weatherDeps.budgetStore.readBudget()).closed?.untilMs,
      isClosed ? midnight : undefined,
    );
  });
