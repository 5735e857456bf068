import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOpenMeteoDays } from '../../../../adapters/forecast/open-meteo/read-open-meteo-answer.ts';

const daily = (more: Record<string, unknown> = {}) => ({
  time: ['2026-11-22', '2026-11-23'],
  weather_code: [0, 61],
  temperature_2m_max: [12.4, 9],
  temperature_2m_min: [3, -1.6],
  precipitation_probability_max: [0, 80],
  precipitation_sum: [0, 4.3],
  wind_direction_10m_dominant: [0, 45],
  wind_speed_10m_max: [10, 25],
  ...more,
});

test('each day has its own values', () => {
  const [first, second, ...rest] = readOpenMeteoDays(daily());
  assert.deepEqual(
    [first?.date, first?.week, first?.dayweather, first?.daytemp, first?.nighttemp, first?.daywind],
    ['2026-11-22', '7', '晴', '12', '3', '北'],
  );
  assert.deepEqual(
    [second?.date, second?.nighttemp, second?.precipitationProbability, second?.precipitationMm],
    ['2026-11-23', '-2', 80, 4.3],
  );
  assert.deepEqual(rest, []);
});

test('if two days have the same date, the first day is used', () => {
  const days = readOpenMeteoDays(daily({ time: ['2026-11-22', '2026-11-22'] }));
  assert.deepEqual(
    days.map(({ date, daytemp }) => [date, daytemp]),
    [['2026-11-22', '12']],
  );
});

const absurd: [variable: string, value: number, field: string][] = [
  ['weather_code', -1, 'dayweather'],
  ['temperature_2m_max', 1e308, 'daytemp'],
  ['temperature_2m_min', -96, 'nighttemp'],
  ['precipitation_probability_max', 101, 'precipitationProbability'],
  ['precipitation_sum', -1, 'precipitationMm'],
  ['wind_direction_10m_dominant', -30, 'daywind'],
  ['wind_speed_10m_max', -5, 'daypower'],
];
for (const [variable, value, field] of absurd)
  test(`${variable} of ${value} counts as missing`, () => {
    const [day] = readOpenMeteoDays(daily({ [variable]: [value, value] }));
    assert.ok(day);
    assert.equal((day as unknown as Record<string, unknown>)[field] || undefined, undefined);
  });
