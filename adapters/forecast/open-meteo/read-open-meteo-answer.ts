import { DateTime } from 'luxon';
import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { amapProvince } from '../../../domain/weather/amap-protocol.ts';
import type { DayForecast } from '../../../domain/weather/forecast.ts';
import { beaufortLevel, windDirection } from '../../../domain/weather/wind.ts';
import { wmoPhenomenon } from '../../../domain/weather/wmo-codes.ts';
import type { PlaceResult } from '../../../ports/forecast-provider.ts';
import type { LocatedPlace } from './request-path.ts';

/** Maximum distance in degrees from the place to the middle of its grid cell. */
const MAX_DISTANCE_DEGREES = 1;
const BEIJING_OFFSET_S = 8 * 3_600;

/**
 * Reads a place's forecast from one item of the answer. If the item is unreadable, only this place fails (transient).
 */
export function readOpenMeteoPlace(
  value: unknown,
  place: LocatedPlace,
  { index, reporttime }: { readonly index: number; readonly reporttime: string },
): PlaceResult {
  const { adcode, name } = place;
  const failedResult = (failure: 'transient' | 'place', code: string, why: string): PlaceResult => {
    const reason = `Open-Meteo for ${name} (${adcode}): ${why}`;
    return { adcode, outcome: 'failed', failure: { class: failure, code, reason } };
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return failedResult('transient', 'unreadable', 'the answer is not a JSON object');
  const fields = value as Readonly<Record<string, unknown>>;
  if (!isAnswerFor(place, index, fields))
    return failedResult('place', 'other-place', 'the answer is for another place');
  if ((fields.utc_offset_seconds ?? BEIJING_OFFSET_S) !== BEIJING_OFFSET_S)
    return failedResult('transient', 'unreadable', 'the days of the answer are not in Beijing time');
  const days = readOpenMeteoDays(fields.daily);
  if (days.length === 0) return failedResult('transient', 'unreadable', 'the answer has no readable day');
  const province = amapProvince(placeOf(adcode)?.path[0] ?? '');
  const forecast = { adcode, provider: 'open-meteo' as const, province, city: name, reporttime, days };
  return { adcode, outcome: 'forecast', forecast };
}

/** In a list, each forecast except the first has a `location_id`: its index in the call. */
function isAnswerFor(
  place: LocatedPlace,
  index: number,
  { location_id, latitude, longitude }: AnsweredPlace,
): boolean {
  return (
    (location_id ?? index) === index && isNear(place.latitude, latitude) && isNear(place.longitude, longitude)
  );
}

type AnsweredPlace = Readonly<Record<string, unknown>>;

const isNear = (requested: number, answered: unknown) =>
  typeof answered !== 'number' || Math.abs(requested - answered) <= MAX_DISTANCE_DEGREES;

/**
 * Converts Open-Meteo's `daily`, which has one array for each variable. All arrays have the length of `time`. Null and
 * absent values become ''; those of precipitation are omitted. Open-Meteo reports one weather for the whole day. It
 * becomes the weather of the day, and the weather of the night stays empty.
 */
export function readOpenMeteoDays(daily: unknown): DayForecast[] {
  if (typeof daily !== 'object' || daily === null) return [];
  const columns = daily as Readonly<Record<string, unknown>>;
  const dates = Array.isArray(columns.time) ? columns.time : [];
  const dayByDate = new Map<string, DayForecast>();
  for (const [day, date] of dates.entries()) {
    // If one day has two entries, the first readable one counts.
    if (typeof date !== 'string' || dayByDate.has(date)) continue;
    const forecast = readDay(date, (name) => numberAt(columns[name], day, VALID_RANGES[name]));
    if (forecast !== undefined) dayByDate.set(date, forecast);
  }
  return [...dayByDate.values()];
}

/** Valid ranges in the requested units (°C, %, mm, km/h, degrees). Other values count as missing. */
const VALID_RANGES = {
  weather_code: [0, 99],
  temperature_2m_max: [-95, 65],
  temperature_2m_min: [-95, 65],
  precipitation_probability_max: [0, 100],
  precipitation_sum: [0, 2_000],
  wind_direction_10m_dominant: [0, 360],
  wind_speed_10m_max: [0, 500],
} as const;

type Variable = keyof typeof VALID_RANGES;

function readDay(date: string, number: (name: Variable) => number | undefined): DayForecast | undefined {
  const at = DateTime.fromFormat(date, 'yyyy-MM-dd', { zone: 'utc' });
  if (!at.isValid) return undefined;
  const probability = number('precipitation_probability_max');
  const mm = number('precipitation_sum');
  const values = {
    dayweather: valueText(number('weather_code'), wmoPhenomenon),
    daytemp: valueText(number('temperature_2m_max'), Math.round),
    nighttemp: valueText(number('temperature_2m_min'), Math.round),
    daywind: valueText(number('wind_direction_10m_dominant'), windDirection),
    daypower: valueText(number('wind_speed_10m_max'), beaufortLevel),
  };
  // If a model ends before the last day, the answer has the dates of the missing days, but no values.
  if (Object.values(values).every((each) => each === '')) return undefined;
  return {
    ...{ date, week: String(at.weekday), nightweather: '', nightwind: '', nightpower: '', ...values },
    ...(probability === undefined ? {} : { precipitationProbability: probability }),
    ...(mm === undefined ? {} : { precipitationMm: mm }),
  };
}

function valueText(value: number | undefined, word: (value: number) => string | number): string {
  return value === undefined ? '' : String(word(value));
}

function numberAt(column: unknown, day: number, [min, max]: readonly [number, number]): number | undefined {
  const value: unknown = Array.isArray(column) ? column[day] : undefined;
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}
