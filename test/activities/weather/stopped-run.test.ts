import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherDeps } from '../../../activities/weather/weather-deps.ts';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { ProviderError } from '../../../domain/weather/provider-failure.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

const CODES = allPlaces()
  .slice(0, 60)
  .map(({ adcode }) => adcode);
const batches = [CODES.slice(0, 30), CODES.slice(30)] as const;
/** The place whose call is rejected, the third of the first batch. At that time, several calls are in flight. */
const REJECTED = CODES[2] ?? '';

/** Wraps a provider so that it records when calls start, and the kind of each error, such as `quota`. */
function recordCalls(weatherDeps: WeatherDeps): { weatherDeps: WeatherDeps; recorded: string[] } {
  const recorded: string[] = [];
  const { provider } = weatherDeps;
  const call: typeof provider.fetchForecasts = async (places, signal) => {
    recorded.push('started');
    try {
      return await provider.fetchForecasts(places, signal);
    } catch (error) {
      recorded.push(error instanceof ProviderError ? error.class : 'another error');
      throw error;
    }
  };
  const { id, keyedBy, placesPerCall } = provider;
  return {
    weatherDeps: {
      ...weatherDeps,
      provider: { ...provider, id, keyedBy, placesPerCall, fetchForecasts: call },
    },
    recorded,
  };
}

test('when the quota is used up, completes calls in flight, starts no more, and releases unused calls', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t, { perSecond: 40, perDay: 1_000 });
  await faults({ do: 'delay', ms: 300 }, { do: 'infocode', code: '10003', adcodes: [REJECTED] });
  const { weatherDeps, recorded } = recordCalls(deps());
  await weatherDeps.budgetStore.reserve(7, 0);
  const results = await Promise.all(
    batches.map((batch) => refresh(weatherDeps, batch, 'slot', { runId: 'a' })),
  );
  for (const { stopped } of results) assert.equal(stopped?.code, '10003');

  assert.ok(!recorded.slice(recorded.indexOf('quota')).includes('started'), recorded.join(' '));
  const started = recorded.filter((record) => record === 'started').length;
  assert.ok(started > 5 && started < CODES.length, `${started} were started`);
  const sum = (countOf: (result: (typeof results)[number]) => number): number =>
    results.reduce((all, result) => all + countOf(result), 0);
  assert.equal(await calls(), started);
  // On a machine with busy cores, calls bunch up, and the stand-in throttles some of them.
  const errors = recorded.filter((record) => record !== 'started');
  assert.deepEqual(new Set(errors.filter((error) => error !== 'throttled')), new Set(['quota']));
  assert.equal(
    sum(({ counts }) => counts.fresh),
    started - errors.length,
    'the results of calls in flight are stored',
  );
  assert.equal(
    sum(({ counts }) => counts.calls),
    started,
  );
  const { dayCalls, monthCalls, closed } = await weatherDeps.budgetStore.readBudget();
  assert.deepEqual([dayCalls, monthCalls], [7 + started, 7 + started]);
  assert.match(closed?.because ?? '', /^10003: /);
});
