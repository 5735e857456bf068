import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { PHENOMENA } from '../../../domain/weather/phenomena.ts';
import { parseWindPower, WIND_DIRECTIONS } from '../../../domain/weather/wind.ts';
import { type RunningAmap, startAmap } from './running-amap.ts';

const AT = Date.parse('2026-11-22T12:00:00+08:00');
let running: RunningAmap;
before(async () => {
  running = await startAmap({ clock: () => AT });
});
after(() => running.stop());

test('a forecast has the fields, the texts and the four days of a forecast of AMap', async () => {
  const body = await running.weather({ city: '330100' });
  const [forecast] = body.forecasts;
  assert.deepEqual(
    { ...body, forecasts: [] },
    { ...{ status: '1', count: '1', info: 'OK', infocode: '10000' }, forecasts: [] },
  );
  assert.deepEqual([forecast.city, forecast.adcode, forecast.province], ['杭州市', '330100', '浙江']);
  assert.match(forecast.reporttime, /^2026-11-22 11:\d\d:\d\d$/);
  assert.deepEqual(
    forecast.casts.map(({ date, week }: { date: string; week: string }) => `${date} ${week}`),
    ['2026-11-22 7', '2026-11-23 1', '2026-11-24 2', '2026-11-25 3'],
  );
  for (const cast of forecast.casts) {
    assert.deepEqual(Object.keys(cast).sort(), [
      ...['date', 'daypower', 'daytemp', 'daytemp_float', 'dayweather', 'daywind', 'nightpower'],
      ...['nighttemp', 'nighttemp_float', 'nightweather', 'nightwind', 'week'],
    ]);
    for (const value of Object.values(cast)) assert.equal(typeof value, 'string');
    assert.match(cast.daytemp_float, /^-?\d+\.0$/);
  }
});

test('answers the current weather if the parameter extensions is missing or is base', async () => {
  for (const extensions of [{}, { extensions: 'base' }]) {
    const query = new URLSearchParams({ key: 'local', city: '110105', ...extensions });
    const { body } = await running.send('GET', `/v3/weather/weatherInfo?${query}`);
    assert.equal(body.count, '1');
    assert.deepEqual(Object.keys(body.lives[0]).sort(), [
      ...['adcode', 'city', 'humidity', 'humidity_float', 'province', 'reporttime', 'temperature'],
      ...['temperature_float', 'weather', 'winddirection', 'windpower'],
    ]);
    assert.equal(body.lives[0].city, '朝阳区');
  }
});

const errors: readonly (readonly [parameters: Record<string, string>, infocode: string, info: RegExp])[] = [
  [{ key: 'other', city: '110000' }, '10001', /^INVALID_USER_KEY$/],
  [{ key: '', city: '110000' }, '10001', /^INVALID_USER_KEY$/],
  [{}, '20001', /^MISSING_REQUIRED_PARAMS$/],
  [{ city: '110000', extensions: 'some' }, '20000', /^INVALID_PARAMS$/],
  [{ city: '110000', output: 'XML' }, '20000', /output=XML is not supported, only JSON/],
];

for (const [parameters, infocode, info] of errors)
  test(`answers ${JSON.stringify(parameters)} with ${infocode} and HTTP 200`, async () => {
    const body = await running.weather(parameters);
    assert.deepEqual([body.status, body.infocode], ['0', infocode]);
    assert.match(body.info, info);
  });

for (const city of ['999999', '330184', '杭州', 'x'])
  test(`answers an empty list for ${city}, which is not a valid code`, async () => {
    const body = await running.weather({ city });
    assert.deepEqual(body, { status: '1', count: '0', info: 'OK', infocode: '10000', forecasts: [] });
  });

test('answers errors to other paths and methods', async () => {
  assert.equal((await running.send('GET', '/v3/config/district?key=local')).body.infocode, '10002');
  assert.equal((await running.send('POST', '/v3/weather/weatherInfo')).status, 405);
});

test('if calls must be signed, only signed calls are answered', async () => {
  const signing = await startAmap({ clock: () => AT, signSecret: 'S' });
  try {
    const sig = createHash('md5').update('city=110000&extensions=all&key=localS').digest('hex');
    assert.equal((await signing.weather({ city: '110000', sig })).count, '1');
    for (const wrong of [{}, { sig: 'x' }, { sig: sig.toUpperCase() }])
      assert.equal((await signing.weather({ city: '110000', ...wrong })).infocode, '10007');
    assert.equal((await signing.weather({ city: '110101', sig })).infocode, '10007');
  } finally {
    await signing.stop();
  }
});

test('answers the whole catalogue within seconds, with values that AMap has', async () => {
  const begun = performance.now();
  const places = allPlaces();
  const powers = new Set<string>();
  const adcodes = places.values();
  const worker = async () => {
    for (const { adcode, name } of adcodes) {
      const { forecasts } = await running.weather({ city: adcode });
      assert.deepEqual([forecasts[0].adcode, forecasts[0].city], [adcode, name]);
      for (const cast of forecasts[0].casts) {
        assert.ok(PHENOMENA.includes(cast.dayweather) && PHENOMENA.includes(cast.nightweather));
        for (const wind of [cast.daywind, cast.nightwind]) assert.ok(WIND_DIRECTIONS.includes(wind), wind);
        for (const power of [cast.daypower, cast.nightpower]) {
          assert.notEqual(parseWindPower(power), undefined, power);
          powers.add(power);
        }
        assert.ok(Number(cast.daytemp) > Number(cast.nighttemp), JSON.stringify(cast));
        assert.ok(Number(cast.daytemp) < 50 && Number(cast.nighttemp) > -50);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.ok(powers.has('≤3') && powers.has('1-3'));
  const took = performance.now() - begun;
  assert.ok(took < 30_000, `${places.length} calls took ${took} ms`);
});
