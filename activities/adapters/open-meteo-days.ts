import { DateTime } from 'luxon';
import type { Cast } from '../../domain/weather/forecast.ts';
import { beaufort, windDirection } from '../../domain/weather/wind.ts';
import { wmoPhenomenon } from '../../domain/weather/wmo.ts';

/**
 * Open-Meteo's `daily` as days: of each variable an array, all as long as `time`; a value that is null or absent is ''.
 * The weather is that of the whole day, of which AMap's form has none but the day's: of nights nothing is said.
 */
export function readOpenMeteoDays(daily: unknown): Cast[] {
  if (typeof daily !== 'object' || daily === null) return [];
  const columns = daily as Readonly<Record<string, unknown>>;
  const dates = Array.isArray(columns.time) ? columns.time : [];
  return dates.flatMap((date: unknown, day) => {
    const number = (name: string) => numberAt(columns[name], day);
    const cast = typeof date === 'string' ? readDay(date, number) : undefined;
    return cast === undefined ? [] : [cast];
  });
}

function readDay(date: string, number: (name: string) => number | undefined): Cast | undefined {
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

function numberAt(column: unknown, day: number): number | undefined {
  const value: unknown = Array.isArray(column) ? column[day] : undefined;
  return typeof value === 'number' ? value : undefined;
}
