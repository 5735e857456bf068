import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import { classifyPhenomenon } from '../../domain/weather/phenomena.ts';
import { type FailureClass, ProviderError } from '../../domain/weather/provider-failure.ts';
import { parseWindPower, WIND_DIRECTIONS } from '../../domain/weather/wind.ts';
import type { PlaceResult } from '../../ports/forecast-provider.ts';
import { until } from '../support/until.ts';
import { type CommonFault, PROVIDER_CASES, type ProviderFixture } from './forecast-provider-case.ts';

/** Faults of a whole call, and the failure that every provider must report. */
const failures: readonly (readonly [
  fault: CommonFault,
  failure: FailureClass,
  code: string,
  afterMs?: number,
])[] = [
  [{ do: 'reset' }, 'transient', 'network'],
  [{ do: 'cut' }, 'transient', 'network'],
  [{ do: 'half json' }, 'transient', 'unreadable'],
  [{ do: 'html' }, 'transient', 'unreadable'],
  [{ do: 'array' }, 'transient', 'unreadable'],
  [{ do: 'number' }, 'transient', 'unreadable'],
  [{ do: 'huge' }, 'transient', 'unreadable'],
  [{ do: 'gzip' }, 'transient', 'unreadable'],
  [{ do: 'http', status: 204 }, 'transient', 'http-204'],
  [{ do: 'http', status: 302 }, 'transient', 'http-302'],
  [{ do: 'http', status: 401 }, 'configuration', 'http-401'],
  [{ do: 'http', status: 403 }, 'configuration', 'http-403'],
  [{ do: 'http', status: 404 }, 'transient', 'http-404'],
  [{ do: 'http', status: 429 }, 'throttled', 'http-429'],
  [{ do: 'http', status: 429, retryAfter: '7' }, 'throttled', 'http-429', 7_000],
  [{ do: 'http', status: 500 }, 'transient', 'http-500'],
  [{ do: 'http', status: 502 }, 'transient', 'http-502'],
  [{ do: 'http', status: 503, retryAfter: '2' }, 'transient', 'http-503', 2_000],
];

for (const { name, places, start } of PROVIDER_CASES) {
  describe(name, () => {
    let fixture: ProviderFixture;
    before(async () => {
      fixture = await start();
    });
    beforeEach(() => fixture.fault(undefined));
    after(() => fixture.stop());

    test('the attribution is more than the id of the provider', () => {
      assert.notEqual(fixture.provider.attribution, fixture.provider.id);
    });

    const failureOf = async (fetching: Promise<unknown>): Promise<ProviderError> => {
      const error = await fetching.then(
        () => assert.fail('no failure'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof ProviderError, inspect(error));
      assert.ok(error.reason.length > 0 && error.reason.length <= 500, error.reason);
      assert.equal(error.message, error.reason);
      const shown = inspect(error, { depth: null, showHidden: true });
      for (const secret of fixture.secrets) assert.ok(!shown.includes(secret), `${secret} is in ${shown}`);
      return error;
    };

    test('returns the places in the requested order, in one call', async () => {
      const requested = [...places].reverse();
      const calls = await fixture.calls();
      const answers = await fixture.provider.fetchForecasts(requested);
      assert.equal((await fixture.calls()) - calls, 1);
      assert.deepEqual(
        answers.map(({ adcode, outcome }) => [adcode, outcome]),
        requested.map(({ adcode }) => [adcode, 'forecast']),
      );
      for (const forecast of forecastsOf(answers)) assert.equal(forecast.provider, fixture.provider.id);
    });

    test('returns four consecutive days, starting with today in Beijing', async () => {
      // Half past midnight in Beijing is still the day before in UTC.
      const at = Date.parse('2026-03-01T00:30:00+08:00');
      const night = await start(() => at);
      try {
        for (const { days, reporttime } of forecastsOf(await night.provider.fetchForecasts(places))) {
          const listed = days.map(({ date, week }) => `${date} ${week}`);
          assert.deepEqual(listed, ['2026-03-01 7', '2026-03-02 1', '2026-03-03 2', '2026-03-04 3']);
          assert.match(reporttime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
          const reported = Date.parse(`${reporttime.replace(' ', 'T')}+08:00`);
          assert.ok(reported <= at && reported > at - 86_400_000, reporttime);
        }
      } finally {
        await night.stop();
      }
    });

    test('uses only known values', async () => {
      for (const { adcode, city, days } of forecastsOf(await fixture.provider.fetchForecasts(places))) {
        assert.equal(city, places.find((place) => place.adcode === adcode)?.name);
        for (const cast of days) {
          for (const text of [cast.dayweather, cast.nightweather])
            assert.ok(classifyPhenomenon(text).known || text === '');
          assert.notEqual(cast.dayweather, '');
          for (const text of [cast.daytemp, cast.nighttemp]) assert.match(text, /^-?\d{1,2}$/);
          assert.notEqual(cast.daytemp, '-0');
          assert.ok(Number(cast.daytemp) >= Number(cast.nighttemp));
          assert.notEqual(parseWindPower(cast.daypower), undefined, cast.daypower);
          assert.ok((WIND_DIRECTIONS as readonly string[]).includes(cast.daywind), cast.daywind);
        }
      }
    });

    for (const [fault, failure, code, afterMs] of failures) {
      const wait = afterMs === undefined ? '' : `, with a wait of ${afterMs} ms`;
      test(`${JSON.stringify(fault)} is ${failure} ${code}${wait}`, async () => {
        await fixture.fault(fault);
        const calls = await fixture.calls();
        const error = await failureOf(fixture.provider.fetchForecasts(places));
        assert.deepEqual([error.class, error.code, error.afterMs], [failure, code, afterMs], error.reason);
        assert.equal((await fixture.calls()) - calls, 1);
        await fixture.fault(undefined);
        assert.equal(forecastsOf(await fixture.provider.fetchForecasts(places)).length, places.length);
      });
    }

    for (const fault of ['hang', 'stall']) {
      test(`a call without an answer ends after the timeout: ${fault}`, async () => {
        await fixture.fault({ do: fault });
        const begun = performance.now();
        const shortTimeout = fixture.withTimeout(200);
        const error = await failureOf(shortTimeout.fetchForecasts(places));
        assert.deepEqual([error.class, error.code], ['transient', 'timeout']);
        const took = performance.now() - begun;
        assert.ok(took >= 190 && took < 3_000, `${took} ms`);
      });

      test(`an aborted call ends at once with the reason of the signal: ${fault}`, async () => {
        await fixture.fault({ do: fault });
        const aborting = new AbortController();
        const reason = new Error('the worker stops');
        const calls = await fixture.calls();
        const fetching = fixture.provider.fetchForecasts(places, aborting.signal);
        await until('the call arrives', async () => (await fixture.calls()) > calls);
        const begun = performance.now();
        aborting.abort(reason);
        await assert.rejects(fetching, (error) => error === reason);
        assert.ok(performance.now() - begun < 1_000);
      });
    }

    test('an unreachable server is a transient failure, and the error does not contain the address', async () => {
      const gone = await start();
      await gone.stop();
      const provider = gone.withTimeout(2_000);
      const error = await failureOf(provider.fetchForecasts(places));
      await provider.close();
      assert.deepEqual([error.class, error.code], ['transient', 'network']);
      assert.match(error.reason, /ECONNREFUSED/);
    });

    test('makes no call if the signal is already aborted', async () => {
      const calls = await fixture.calls();
      const reason = new Error('too late');
      await assert.rejects(
        fixture.provider.fetchForecasts(places, AbortSignal.abort(reason)),
        (error) => error === reason,
      );
      assert.equal(await fixture.calls(), calls);
    });

    test('for no places, or for more places than one call accepts, throws a RangeError and makes no call', async () => {
      const calls = await fixture.calls();
      const [place] = places;
      assert.ok(place !== undefined);
      const many = Array.from({ length: fixture.provider.placesPerCall + 1 }, () => place);
      await assert.rejects(fixture.provider.fetchForecasts(many), RangeError);
      await assert.rejects(fixture.provider.fetchForecasts([]), RangeError);
      assert.equal(await fixture.calls(), calls);
    });

    test('rejects the forecast of another place', async () => {
      await fixture.fault({ do: 'wrong adcode' });
      for (const answer of await fixture.provider.fetchForecasts(places)) {
        assert.equal(answer.outcome, 'failed');
        assert.deepEqual(codeOf(answer), ['place', 'other-place']);
      }
    });
  });
}

const forecastsOf = (answers: readonly PlaceResult[]): PlaceForecast[] =>
  answers.flatMap((answer) => (answer.outcome === 'forecast' ? [answer.forecast] : []));

const codeOf = (answer: PlaceResult) =>
  answer.outcome === 'failed' ? [answer.failure.class, answer.failure.code] : [];
