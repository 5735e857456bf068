import { DateTime } from 'luxon';
import type { Cast } from '../../../domain/weather/forecast.ts';
import { beaufort, windDirection } from '../../../domain/weather/wind.ts';
import { wmoPhenomenon } from '../../../domain/weather/wmo.ts';

/**
 * Open-Meteo's `daily` as days: of each variable an array, all as long as `time`; a value that is null or absent is ''.
 * The weather is that of the whole day, of which AMap's form has none but the day's: of nights nothing is said.
 */
export function readOpenMeteoDays(daily: unknown): Cast[] {
  if (typeof daily !== 'object' || daily === null) return [];
  const columns = daily as Readonly<Record<string, unknown>>;
  const dates = Array.isArray(columns.time) ? columns.time : [];
  const casts = new Map<string, Cast>();
  for (const [day, date] of dates.entries()) {
    // Of a day that is named twice the first is taken.
    if (typeof date !== 'string' || casts.has(date)) continue;
    const cast = readDay(date, (name) => numberAt(columns[name], day, RANGES[name]));
    if (cast !== undefined) casts.set(date, cast);
  }
  return [...casts.values()];
}

/** What can be meant, in the units that are asked for (°C, %, mm, km/h, degrees); the rest counts as not told. */
const RANGES = {
  weather_code: [0, 99],
  temperature_2m_max: [-95, 65],
  temperature_2m_min: [-95, 65],
  precipitation_probability_max: [0, 100],
  precipitation_sum: [0, 2_000],
  wind_direction_10m_dominant: [0, 360],
  wind_speed_10m_max: [0, 500],
} as const;

type Variable = keyof typeof RANGES;

function readDay(date: string, number: (name: Variable) => number | undefined): Cast | undefined {
  const at = DateTime.fromFormat(date, 'yyyy-MM-dd', { zone: 'utc' });
  if (!at.isValid) return undefined;
  const probability = number('precipitation_probability_max');
  const mm = number('precipitation_sum');
  const told = {
    dayweather: text(number('weather_code'), wmoPhenomenon),
    daytemp: text(number('temperature_2m_max'), Math.round),
    nighttemp: text(number('temperature_2m_min'), Math.round),
    daywind: text(number('wind_direction_10m_dominant'), windDirection),
    daypower: text(number('wind_speed_10m_max'), beaufort),
  };
  // A model that ends before the last day gives its date and nothing else.
  if (Object.values(told).every((each) => each === '')) return undefined;
  return {
    ...{ date, week: String(at.weekday), nightweather: '', nightwind: '', nightpower: '', ...told },
    ...(probability === undefined ? {} : { precipitationProbability: probability }),
    ...(mm === undefined ? {} : { precipitationMm: mm }),
  };
}

function text(value: number | undefined, word: (value: number) => string | number): string {
  return value === undefined ? '' : String(word(value));
}

function numberAt(
  column: unknown,
  day: number,
  [least, most]: readonly [number, number],
): number | undefined {
  const value: unknown = Array.isArray(column) ? column[day] : undefined;
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}
