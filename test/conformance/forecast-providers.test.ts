import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import { classifyPhenomenon } from '../../domain/weather/phenomena.ts';
import { type FailureClass, ProviderError } from '../../domain/weather/provider-failure.ts';
import { parseWindPower, WIND_DIRECTIONS } from '../../domain/weather/wind.ts';
import type { PlaceResult } from '../../ports/forecast-provider.ts';
import { until } from '../support/until.ts';
import { type CommonFault, PROVIDER_CASES, type Stage } from './forecast-provider-case.ts';

/** What goes wrong with a call as a whole, and what it is for every provider. */
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
    let stage: Stage;
    before(async () => {
      stage = await start();
    });
    beforeEach(() => stage.fault(undefined));
    after(() => stage.stop());

    test('what is shown beside its forecasts is more than its id', () => {
      assert.notEqual(stage.provider.attribution, stage.provider.id);
    });

    const failureOf = async (asked: Promise<unknown>): Promise<ProviderError> => {
      const error = await asked.then(
        () => assert.fail('no failure'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof ProviderError, inspect(error));
      assert.ok(error.reason.length > 0 && error.reason.length <= 500, error.reason);
      assert.equal(error.message, error.reason);
      const shown = inspect(error, { depth: null, showHidden: true });
      for (const secret of stage.secrets) assert.ok(!shown.includes(secret), `${secret} is in ${shown}`);
      return error;
    };

    test('answers for each place in its order, in one call', async () => {
      const asked = [...places].reverse();
      const calls = await stage.calls();
      const answers = await stage.provider.fetchForecasts(asked);
      assert.equal((await stage.calls()) - calls, 1);
      assert.deepEqual(
        answers.map(({ adcode, outcome }) => [adcode, outcome]),
        asked.map(({ adcode }) => [adcode, 'forecast']),
      );
      for (const forecast of forecastsOf(answers)) assert.equal(forecast.provider, stage.provider.id);
    });

    test('forecasts four days one after the other, beginning with Beijing’s today', async () => {
      // Half past midnight in Beijing: in UTC the day before.
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

    test('says everything in words that are known', async () => {
      for (const { adcode, city, days } of forecastsOf(await stage.provider.fetchForecasts(places))) {
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
        await stage.fault(fault);
        const calls = await stage.calls();
        const error = await failureOf(stage.provider.fetchForecasts(places));
        assert.deepEqual([error.class, error.code, error.afterMs], [failure, code, afterMs], error.reason);
        assert.equal((await stage.calls()) - calls, 1);
        await stage.fault(undefined);
        assert.equal(forecastsOf(await stage.provider.fetchForecasts(places)).length, places.length);
      });
    }

    for (const silence of ['hang', 'stall']) {
      test(`a call without an answer ends at its deadline: ${silence}`, async () => {
        await stage.fault({ do: silence });
        const begun = performance.now();
        const impatient = stage.withDeadline(200);
        const error = await failureOf(impatient.fetchForecasts(places));
        assert.deepEqual([error.class, error.code], ['transient', 'timeout']);
        const took = performance.now() - begun;
        assert.ok(took >= 190 && took < 3_000, `${took} ms`);
      });

      test(`a call that is aborted ends at once with the signal’s reason: ${silence}`, async () => {
        await stage.fault({ do: silence });
        const aborting = new AbortController();
        const reason = new Error('the worker stops');
        const calls = await stage.calls();
        const asked = stage.provider.fetchForecasts(places, aborting.signal);
        await until('the call came', async () => (await stage.calls()) > calls);
        const begun = performance.now();
        aborting.abort(reason);
        await assert.rejects(asked, (error) => error === reason);
        assert.ok(performance.now() - begun < 1_000);
      });
    }

    test('nobody listening is transient, and nothing is said of the address', async () => {
      const gone = await start();
      await gone.stop();
      const left = gone.withDeadline(2_000);
      const error = await failureOf(left.fetchForecasts(places));
      await left.close();
      assert.deepEqual([error.class, error.code], ['transient', 'network']);
      assert.match(error.reason, /ECONNREFUSED/);
    });

    test('a signal that is aborted already lets no call be made', async () => {
      const calls = await stage.calls();
      const reason = new Error('too late');
      await assert.rejects(
        stage.provider.fetchForecasts(places, AbortSignal.abort(reason)),
        (error) => error === reason,
      );
      assert.equal(await stage.calls(), calls);
    });

    test('more places than a call takes, or none, are our own mistake, and no call', async () => {
      const calls = await stage.calls();
      const [place] = places;
      assert.ok(place !== undefined);
      const many = Array.from({ length: stage.provider.placesPerCall + 1 }, () => place);
      await assert.rejects(stage.provider.fetchForecasts(many), RangeError);
      await assert.rejects(stage.provider.fetchForecasts([]), RangeError);
      assert.equal(await stage.calls(), calls);
    });

    test('another place’s forecast is not taken for a place’s own', async () => {
      await stage.fault({ do: 'wrong adcode' });
      for (const answer of await stage.provider.fetchForecasts(places)) {
        assert.equal(answer.outcome, 'refused');
        assert.deepEqual(codeOf(answer), ['place', 'other-place']);
      }
    });
  });
}

const forecastsOf = (answers: readonly PlaceResult[]): PlaceForecast[] =>
  answers.flatMap((answer) => (answer.outcome === 'forecast' ? [answer.forecast] : []));

const codeOf = (answer: PlaceResult) =>
  answer.outcome === 'refused' ? [answer.failure.class, answer.failure.code] : [];
