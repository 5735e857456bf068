import type { DayForecast } from '../../../domain/weather/forecast.ts';
import { WIND_DIRECTIONS } from '../../../domain/weather/wind.ts';
import { dateText, weekdayText } from '../beijing-days.ts';
import { type Climate, climateOf } from './climate.ts';
import { ROWS } from './phenomena-by-climate.ts';
import { pickUniform, pickWeighted, randomOf } from './seeded-choice.ts';

/** A day forecast in AMap's answer, with its two additional fields. */
export type AmapDayForecast = DayForecast & {
  readonly daytemp_float: string;
  readonly nighttemp_float: string;
};

/** Temperature offset after each change, in degrees. Consecutive values differ, so that each change is visible. */
const TEMPERATURE_SHIFTS = [0, 1, -1, 2, -2, 3, -3];

/**
 * Returns the forecast of a day (counted from 1970-01-01) after `changes` changes. Equal arguments give equal
 * results.
 */
export function simulateDayForecast(adcode: string, day: number, changes: number): AmapDayForecast {
  const climate = climateOf(adcode, day);
  const randomOfDay = randomOf(adcode, day);
  const high =
    climate.mean +
    4 +
    8 * (randomOfDay() - 0.5) +
    (TEMPERATURE_SHIFTS[changes % TEMPERATURE_SHIFTS.length] ?? 0);
  const low = climate.mean - 4 + 5 * (randomOfDay() - 0.5);
  const randomOfChange = randomOf(adcode, day, changes);
  const dayweather = phenomenon(randomOfChange, climate);
  const daytemp = String(Math.round(high));
  const nighttemp = String(Math.round(Math.min(low, high - 1)));
  return {
    date: dateText(day),
    week: weekdayText(day),
    dayweather,
    nightweather: randomOfChange() < 0.5 ? dayweather : phenomenon(randomOfChange, climate),
    daytemp,
    nighttemp,
    daywind: direction(randomOfChange),
    nightwind: direction(randomOfChange),
    daypower: power(randomOfChange),
    nightpower: power(randomOfChange),
    daytemp_float: `${daytemp}.0`,
    nighttemp_float: `${nighttemp}.0`,
  };
}

const phenomenon = (chance: () => number, climate: Climate): string => {
  const rows = ROWS.map(({ phenomena, weight }) => [weight(climate), phenomena] as const);
  return pickUniform(chance, pickWeighted(chance, rows) ?? []) ?? '未知';
};

/**
 * Returns one of the eight directions of the compass. With a probability of 2.5 %, returns one of the last two values of
 * WIND_DIRECTIONS, which are no directions.
 */
const direction = (chance: () => number): string =>
  pickUniform(chance, chance() < 0.025 ? WIND_DIRECTIONS.slice(8) : WIND_DIRECTIONS.slice(0, 8)) ?? '无风向';

/** AMap has two values for light wind: `≤3` and `1-3`. */
const POWERS = [
  ...([
    [38, '≤3'],
    [38, '1-3'],
    [12, '4'],
    [6, '5'],
    [3, '6'],
  ] as const),
  ...([
    [1.5, '7'],
    [0.8, '8'],
    [0.4, '9'],
    [0.2, '10'],
    [0.1, '11'],
    [0.1, '12'],
  ] as const),
];

const power = (chance: () => number): string => pickWeighted(chance, POWERS) ?? '≤3';
