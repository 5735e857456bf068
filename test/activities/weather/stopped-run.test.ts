import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherDeps } from '../../../activities/weather/weather-deps.ts';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { ProviderError } from '../../../domain/weather/provider-failure.ts';
import { setWeatherStage } from './weather-test-deps.ts';

const CODES = allPlaces()
  .slice(0, 60)
  .map(({ adcode }) => adcode);
const batches = [CODES.slice(0, 30), CODES.slice(30)] as const;
/** The third place of the first batch, when several calls are in flight. */
const REFUSED = CODES[2] ?? '';

/** Wraps a provider so that it records when calls start, and when one is rejected for the quota. */
function noting(of: WeatherDeps): { of: WeatherDeps; noted: string[] } {
  const noted: string[] = [];
  const { provider } = of;
  const call: typeof provider.fetchForecasts = async (places, signal) => {
    noted.push('begun');
    try {
      return await provider.fetchForecasts(places, signal);
    } catch (error) {
      if (error instanceof ProviderError && error.class === 'quota') noted.push('quota');
      throw error;
    }
  };
  const { id, keyedBy, placesPerCall } = provider;
  return {
    of: { ...of, provider: { ...provider, id, keyedBy, placesPerCall, fetchForecasts: call } },
    noted,
  };
}

test('ends calls in flight when the quota is used up, starts no more, and returns unused reservations', async (t) => {
  const { deps, refresh, faults, calls } = await setWeatherStage(t, { perSecond: 40, perDay: 1_000 });
  await faults({ do: 'delay', ms: 300 }, { do: 'infocode', code: '10003', adcodes: [REFUSED] });
  const { of, noted } = noting(deps());
  await of.budgetStore.reserve(7, 0);
  const results = await Promise.all(batches.map((batch) => refresh(of, batch, 'slot', { runId: 'a' })));
  for (const { stopped } of results) assert.equal(stopped?.code, '10003');

  assert.ok(!noted.slice(noted.indexOf('quota')).includes('begun'), noted.join(' '));
  const begun = noted.filter((what) => what === 'begun').length;
  assert.ok(begun > 5 && begun < CODES.length, `${begun} were started`);
  const sum = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((all, result) => all + of(result), 0);
  assert.equal(await calls(), begun);
  assert.equal(
    sum(({ counts }) => counts.fresh),
    begun - 1,
    'the results of calls in flight are stored',
  );
  assert.equal(
    sum(({ counts }) => counts.calls),
    begun,
  );
  const { dayCalls, monthCalls, closed } = await of.budgetStore.readBudget();
  assert.deepEqual([dayCalls, monthCalls], [7 + begun, 7 + begun]);
  assert.match(closed?.because ?? '', /^10003: /);
});
