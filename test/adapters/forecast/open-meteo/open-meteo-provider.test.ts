import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { inspect } from 'node:util';
import { createOpenMeteoProvider } from '../../../../adapters/forecast/open-meteo/open-meteo-provider.ts';
import type { ProviderWithConnections } from '../../../../adapters/forecast/provider-http.ts';
import { ProviderError } from '../../../../domain/weather/provider-failure.ts';
import type { ProviderPlace } from '../../../../ports/forecast-provider.ts';
import { type Forecast, type OpenMeteoServer, startOpenMeteo } from '../../../support/open-meteo-server.ts';

const AT = Date.parse('2026-11-22T10:20:30.250+08:00');
const HANGZHOU = { adcode: '330100', name: '杭州市', latitude: 30.29, longitude: 120.15 };
const BEIJING = { adcode: '110000', name: '北京市', latitude: 39.9, longitude: 116.41 };
const NOWHERE = { adcode: '130102', name: '长安区' };

let server: OpenMeteoServer;
let provider: ProviderWithConnections;
before(async () => {
  server = await startOpenMeteo({ clock: () => AT });
  provider = createOpenMeteoProvider({ endpoint: server.endpoint, clock: () => AT });
});
beforeEach(() => {
  server.fault = undefined;
  server.calls.length = 0;
});
after(async () => {
  await provider.close();
  await server.stop();
});

const change = (changed: (forecasts: Forecast[]) => unknown) => {
  server.fault = { do: 'change', change: changed };
};

const failureOf = async (places: readonly ProviderPlace[]): Promise<ProviderError> => {
  const error = await provider.fetchForecasts(places).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ProviderError, inspect(error));
  return error;
};

test('values become AMap’s words, nights have only a temperature, and the report time is the hour of the answer', async () => {
  const [answer] = await provider.fetchForecasts([HANGZHOU]);
  assert.ok(answer?.outcome === 'forecast');
  const { days, ...forecast } = answer.forecast;
  assert.deepEqual(forecast, {
    ...{ adcode: '330100', provider: 'open-meteo', province: '浙江', city: '杭州市' },
    reporttime: '2026-11-22 10:00:00',
  });
  const night = { nightweather: '', nightwind: '', nightpower: '' };
  assert.deepEqual(days, [
    {
      ...{ date: '2026-11-22', week: '7', dayweather: '晴', daytemp: '12', nighttemp: '3', ...night },
      ...{ daywind: '北', daypower: '1', precipitationProbability: 0, precipitationMm: 0 },
    },
    {
      ...{ date: '2026-11-23', week: '1', dayweather: '小雨', daytemp: '10', nighttemp: '1', ...night },
      ...{ daywind: '东北', daypower: '4', precipitationProbability: 80, precipitationMm: 4.3 },
    },
    {
      ...{ date: '2026-11-24', week: '2', dayweather: '雷阵雨', daytemp: '0', nighttemp: '-8', ...night },
      ...{ daywind: '南', daypower: '5', precipitationProbability: 97, precipitationMm: 17 },
    },
    {
      ...{ date: '2026-11-25', week: '3', dayweather: '阴', daytemp: '21', nighttemp: '15', ...night },
      ...{ daywind: '北', daypower: '12', precipitationMm: 0 },
    },
  ]);
});

test('all places of a call are requested at once, and without a key if no key is set', async () => {
  await provider.fetchForecasts([HANGZHOU, BEIJING]);
  assert.deepEqual(server.calls, [
    '/v1/forecast?latitude=30.29,39.9&longitude=120.15,116.41&daily=weather_code,temperature_2m_max,' +
      'temperature_2m_min,wind_speed_10m_max,wind_direction_10m_dominant,precipitation_sum,' +
      'precipitation_probability_max&timezone=Asia%2FShanghai&forecast_days=4',
  ]);
});

test('a call with the maximum number of places returns the right forecast for each', async () => {
  const places = Array.from({ length: provider.placesPerCall }, (_, n) => ({
    ...{ adcode: String(100_000 + n), name: `${n}`, latitude: 20 + n / 2, longitude: 80 + n },
  }));
  const answers = await provider.fetchForecasts(places);
  assert.deepEqual(
    answers.map(({ adcode, outcome }) => [adcode, outcome]),
    places.map(({ adcode }) => [adcode, 'forecast']),
  );
  assert.equal(server.calls.length, 1);
  assert.ok((server.calls[0] ?? '').length < 2_000);
});

test('a place with missing or invalid coordinates fails, and the others are requested', async () => {
  const answers = await provider.fetchForecasts([NOWHERE, BEIJING, { ...HANGZHOU, latitude: 91 }]);
  const codes = answers.map((answer) => (answer.outcome === 'failed' ? answer.failure.code : answer.adcode));
  assert.deepEqual(codes, ['no-coordinates', '110000', 'no-coordinates']);
  assert.equal(server.calls.length, 1);
  await provider.fetchForecasts([NOWHERE]);
  assert.equal(server.calls.length, 1);
});

const refusals: readonly (readonly [status: number, reason: string, failure: string, afterMs?: number])[] = [
  [429, 'Minutely API request limit exceeded. Please try again in one minute.', 'throttled', 60_000],
  [429, 'Hourly API request limit exceeded. Please try again in the next hour.', 'throttled', 2_369_750],
  [429, 'Daily API request limit exceeded. Please try again tomorrow.', 'quota'],
  [429, 'Too many concurrent requests', 'throttled'],
  [400, 'Latitude must be in range of -90 to 90°. Given: 91.0.', 'place'],
  [400, 'No data is available for this location', 'place'],
  [400, 'Cannot initialize ForecastVariableDaily from invalid String value x.', 'configuration'],
  [401, 'The supplied API key is invalid.', 'configuration'],
  [500, 'Internal Server Error', 'transient'],
];

for (const [status, reason, failure, afterMs] of refusals)
  test(`${status} "${reason}" is ${failure}${afterMs === undefined ? '' : `, and can be retried after ${afterMs} ms`}`, async () => {
    server.fault = { do: 'http', status, reason };
    if (failure === 'place') {
      const answers = await provider.fetchForecasts([HANGZHOU, BEIJING]);
      for (const answer of answers)
        assert.equal(answer.outcome === 'failed' && answer.failure.class, 'place', inspect(answer));
      return;
    }
    const error = await failureOf([HANGZHOU]);
    assert.deepEqual([error.class, error.code, error.afterMs], [failure, `http-${status}`, afterMs]);
    if (status < 500 && status !== 401) assert.match(error.reason, new RegExp(reason.slice(0, 20)));
  });

test('a list with more or fewer forecasts than requested places is rejected', async () => {
  change((forecasts) => forecasts.slice(1));
  assert.equal((await failureOf([HANGZHOU, BEIJING])).code, 'unreadable');
  change((forecasts) => forecasts[0]);
  assert.equal((await failureOf([HANGZHOU, BEIJING])).code, 'unreadable');
});

test('one unreadable place does not affect the others; a call without a readable place fails', async () => {
  change(([first]) => [first, null]);
  const answers = await provider.fetchForecasts([HANGZHOU, BEIJING]);
  assert.deepEqual(
    answers.map((answer) => (answer.outcome === 'failed' ? answer.failure.class : answer.outcome)),
    ['forecast', 'transient'],
  );
  change(() => [{}, null]);
  assert.equal((await failureOf([HANGZHOU, BEIJING])).code, 'unreadable');
});

test('a forecast with another location_id or distant coordinates is not used for the place', async () => {
  for (const other of [{ location_id: 7 }, { latitude: 41.2 }, { longitude: 118 }]) {
    change(([first, second]) => [first, { ...second, ...other }]);
    const [, answer] = await provider.fetchForecasts([HANGZHOU, BEIJING]);
    assert.equal(answer?.outcome === 'failed' && answer.failure.code, 'other-place', inspect(other));
  }
});

test('null is "" or absent; a day without values or without a date is omitted', async () => {
  change(([first]) => {
    const daily = { ...first?.daily, time: ['2026-11-22', 'x', null, '2026-11-25'] };
    const columns = Object.entries(daily).map(([name, values]) => {
      const [one, two, three] = values;
      return [
        name,
        name === 'time'
          ? values
          : name === 'weather_code'
            ? [null, two, three, null]
            : [one, two, three, null],
      ];
    });
    return { ...first, daily: Object.fromEntries(columns) };
  });
  const [answer] = await provider.fetchForecasts([HANGZHOU]);
  assert.ok(answer?.outcome === 'forecast', inspect(answer));
  assert.deepEqual(
    answer.forecast.days.map(({ date, dayweather, daytemp }) => [date, dayweather, daytemp]),
    [['2026-11-22', '', '12']],
  );
});

test('days that are not in Beijing time are rejected', async () => {
  change(([first]) => ({ ...first, utc_offset_seconds: 0 }));
  assert.equal((await failureOf([HANGZHOU])).code, 'unreadable');
});

test('no failure contains the key, also if the reason repeats it', async () => {
  const paying = createOpenMeteoProvider({ endpoint: server.endpoint, apiKey: 'the-api-key' });
  server.fault = { do: 'http', status: 400, reason: 'apikey the-api-key is unknown' };
  const error = await paying.fetchForecasts([HANGZHOU]).catch((thrown: unknown) => thrown);
  await paying.close();
  assert.match(server.calls[0] ?? '', /&apikey=the-api-key$/);
  assert.match(inspect(error), /apikey … is unknown/);
  assert.ok(!inspect(error, { depth: null, showHidden: true }).includes('the-api-key'));
});
