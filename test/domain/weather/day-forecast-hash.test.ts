import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayForecastHash } from '../../../domain/weather/changed-days.ts';
import type { DayForecast } from '../../../domain/weather/forecast.ts';

const cast: DayForecast = {
  date: '2019-12-23',
  week: '1',
  dayweather: '小雨',
  nightweather: '小雨-中雨',
  daytemp: '11',
  nighttemp: '8',
  daywind: '东',
  nightwind: '东',
  daypower: '4',
  nightpower: '≤3',
};

test('the hash is the first 16 hex digits of the SHA-256 of the documented array', () => {
  // printf '["amap","2019-12-23","1","小雨","小雨-中雨","11","8","东","东","4","≤3",null,null]' | sha256sum
  assert.equal(dayForecastHash(cast, 'amap'), 'b4224e5386cf31c7');
});

test('the hash does not depend on the order of the values', () => {
  const turned = Object.fromEntries(Object.entries(cast).reverse()) as unknown as DayForecast;
  assert.equal(dayForecastHash(turned, 'amap'), dayForecastHash(cast, 'amap'));
});

test('the hash ignores other columns of a row', () => {
  const row = { ...cast, reporttime: '2019-12-23 18:00:00', fetchedAt: 1, revision: 3 };
  assert.equal(dayForecastHash(row, 'amap'), dayForecastHash(cast, 'amap'));
});

test('the hash depends on each value and on the provider', () => {
  const others = [
    ...Object.keys(cast).map((name) => dayForecastHash({ ...cast, [name]: 'x' }, 'amap')),
    dayForecastHash({ ...cast, precipitationProbability: 0 }, 'amap'),
    dayForecastHash({ ...cast, precipitationMm: 0 }, 'amap'),
    dayForecastHash({ ...cast, daypower: '≤3', nightpower: '4' }, 'amap'),
    dayForecastHash(cast, 'open-meteo'),
    dayForecastHash(cast, 'stand-in'),
  ];
  assert.equal(new Set([...others, dayForecastHash(cast, 'amap')]).size, others.length + 1);
});
