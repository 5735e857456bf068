import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { PHENOMENA } from '../../../domain/weather/phenomena.ts';
import { simulateDayForecast } from '../../../local/amap/weather/simulated-day-forecast.ts';
import { SimulatedWeather } from '../../../local/amap/weather/simulated-weather.ts';

const beijing = (text: string) => Date.parse(`${text}+08:00`);
const HOUR = 3_600_000;

const castsOf = (weather: SimulatedWeather, adcode: string, at: number) =>
  JSON.stringify(weather.forecast(adcode, at)?.casts);

/** Every tenth place. */
const samplePlaces = allPlaces().filter((_, index) => index % 10 === 0);

const changedBetween = (weather: SimulatedWeather, before: number, after: number) =>
  samplePlaces.filter(({ adcode }) => castsOf(weather, adcode, before) !== castsOf(weather, adcode, after))
    .length;

test('the same city and instant have the same weather, also after a restart', () => {
  const at = beijing('2026-07-01T12:00:00');
  for (const { adcode } of samplePlaces.slice(0, 50))
    assert.deepEqual(
      new SimulatedWeather().forecast(adcode, at),
      new SimulatedWeather().forecast(adcode, at),
    );
});

test('at 8, 11 and 18 o’clock the forecasts of some cities change, and nothing changes in between', () => {
  const weather = new SimulatedWeather();
  const at = (time: string) => beijing(`2026-07-01T${time}`);
  assert.equal(changedBetween(weather, at('00:00:00'), at('07:59:59')), 0);
  assert.equal(changedBetween(weather, at('08:00:00'), at('10:59:59')), 0);
  assert.equal(changedBetween(weather, at('11:00:00'), at('17:59:59')), 0);
  assert.equal(changedBetween(weather, at('18:00:00'), at('23:59:59')), 0);
  for (const [before, after] of [
    ['07:59:59', '08:00:00'],
    ['10:59:59', '11:00:00'],
    ['17:59:59', '18:00:00'],
  ] as const) {
    const changed = changedBetween(weather, at(before), at(after)) / samplePlaces.length;
    assert.ok(changed > 0.15 && changed < 0.35, `${changed} of the cities changed at ${after}`);
  }
});

test('on a new day, the forecast gets a new last day and loses its first day, and the other days stay', () => {
  const weather = new SimulatedWeather();
  for (const { adcode } of samplePlaces) {
    const before = weather.forecast(adcode, beijing('2026-12-30T23:59:59'))?.casts ?? [];
    const after = weather.forecast(adcode, beijing('2026-12-31T00:00:00'))?.casts ?? [];
    assert.deepEqual(after.slice(0, 3), before.slice(1));
    assert.equal(after[3]?.date, '2027-01-03');
  }
});

test('the report time advances every twenty minutes, also if the forecast does not change, and is never in the future', () => {
  const weather = new SimulatedWeather();
  const times = new Set<string>();
  const casts = new Set<string>();
  let last = '';
  for (let at = beijing('2026-07-01T12:00:00'); at < beijing('2026-07-01T17:00:00'); at += 60_000) {
    const forecast = weather.forecast('330100', at);
    assert.ok(forecast !== undefined);
    const reported = beijing(forecast.reporttime.replace(' ', 'T'));
    assert.ok(reported <= at && reported > at - HOUR / 3 - 1_000, forecast.reporttime);
    assert.ok(forecast.reporttime >= last);
    last = forecast.reporttime;
    times.add(last);
    casts.add(JSON.stringify(forecast.casts));
  }
  assert.ok(times.size >= 15 && times.size <= 16, `${times.size} times`);
  assert.equal(casts.size, 1);
});

test('all of AMap’s phenomena occur in a year', () => {
  const weather = new SimulatedWeather();
  const missing = new Set(PHENOMENA);
  for (let month = 1; month <= 12; month++) {
    const at = beijing(`2026-${String(month).padStart(2, '0')}-10T12:00:00`);
    for (const { adcode } of allPlaces().filter((_, index) => index % 4 === month % 4))
      for (const cast of weather.forecast(adcode, at)?.casts ?? [])
        for (const text of [cast.dayweather, cast.nightweather]) missing.delete(text);
  }
  assert.deepEqual([...missing], []);
});

test('each change of a day forecast gives a different day forecast', () => {
  const day = 20_600;
  for (const { adcode } of samplePlaces)
    for (let changes = 1; changes < 8; changes++)
      assert.notEqual(
        simulateDayForecast(adcode, day, changes).daytemp,
        simulateDayForecast(adcode, day, changes - 1).daytemp,
        `change ${changes} of ${adcode}`,
      );
});

test('it is warmer in the south and in summer, and it snows only if it is cold', () => {
  const weather = new SimulatedWeather();
  const mean = (adcode: string, month: string) => {
    const days = ['05', '12', '19', '26'].flatMap(
      (day) => weather.forecast(adcode, beijing(`2026-${month}-${day}T12:00:00`))?.casts ?? [],
    );
    return days.reduce((sum, { daytemp }) => sum + Number(daytemp), 0) / days.length;
  };
  const [sanya, beijingCity, mohe] = ['460200', '110000', '232701'];
  assert.ok(mean(sanya, '01') > mean(beijingCity, '01') + 10);
  assert.ok(mean(beijingCity, '01') > mean(mohe, '01') + 5);
  assert.ok(mean(beijingCity, '07') > mean(beijingCity, '01') + 20);
  for (let day = 1; day < 29; day++) {
    const at = beijing(`2026-07-${String(day).padStart(2, '0')}T12:00:00`);
    for (const cast of weather.forecast(sanya, at)?.casts ?? [])
      assert.doesNotMatch(cast.dayweather + cast.nightweather, /雪|冻/);
  }
});
