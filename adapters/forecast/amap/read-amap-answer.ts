import { parseTimestampMs } from '../../../domain/timestamp.ts';
import type { DayForecast, PlaceForecast } from '../../../domain/weather/forecast.ts';

/** What AMap said. */
export type AmapAnswer =
  | { readonly kind: 'forecast'; readonly forecast: Omit<PlaceForecast, 'provider'> }
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly infocode: string; readonly info: string }
  /** It answered for another place than it was asked for. */
  | { readonly kind: 'other place'; readonly adcode: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads the parsed JSON of `v3/weather/weatherInfo?extensions=all` about one place. AMap writes `[]` where a text is
 * empty, and numbers as texts or not: both are taken.
 */
export function readAmapAnswer(body: unknown, adcode: string): AmapAnswer {
  if (!isObject(body)) return unreadable('is no JSON object');
  const infocode = amapText(body.infocode);
  if (amapText(body.status) !== '1') {
    if (!/^\d{4,6}$/.test(infocode)) return unreadable('has neither status "1" nor an infocode');
    return { kind: 'refused', infocode, info: amapText(body.info) };
  }
  if (isEmptyValue(body.forecasts) || amapText(body.count) === '0') return { kind: 'empty' };
  if (!Array.isArray(body.forecasts)) return unreadable('has forecasts that are no array');
  const forecasts = body.forecasts.filter((each) => !isEmptyValue(each));
  return forecasts.length === 0 ? { kind: 'empty' } : readForecast(forecasts, adcode);
}

function readForecast(forecasts: readonly unknown[], adcode: string): AmapAnswer {
  const ours = forecasts.find((each) => isObject(each) && amapText(each.adcode) === adcode) ?? forecasts[0];
  if (!isObject(ours)) return unreadable('has a forecast that is no object');
  if (isEmptyValue(ours.casts)) return { kind: 'empty' };
  const answered = amapText(ours.adcode);
  if (answered === '') return unreadable('has a forecast that does not say of which place');
  if (answered !== adcode) return { kind: 'other place', adcode: answered };
  const casts = readDays(ours.casts);
  if (casts.length === 0) return unreadable('has a forecast without any day that can be read');
  const [province, city] = [amapText(ours.province), amapText(ours.city)];
  return {
    kind: 'forecast',
    forecast: { adcode, province, city, reporttime: readTime(ours.reporttime), days: casts },
  };
}

/** Absent, or AMap's ways of writing what is empty. */
const isEmptyValue = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function readTime(value: unknown): string {
  const text = amapText(value);
  const isTime =
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text.replace(' ', 'T')}Z`));
  return isTime ? text : '';
}

const unreadable = (why: string): AmapAnswer => ({ kind: 'unreadable', why });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The days of a forecast of AMap, in order; what cannot be read of a day is '', a day without a date is left out. */
function readDays(value: unknown): DayForecast[] {
  const casts = new Map<string, DayForecast>();
  for (const each of Array.isArray(value) ? value : []) {
    const cast = readDay(each);
    if (cast !== undefined && !casts.has(cast.date)) casts.set(cast.date, cast);
  }
  return [...casts.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
}

function readDay(value: unknown): DayForecast | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const date = amapText(fields.date);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || parseTimestampMs(`${date}T00:00:00Z`) === undefined)
    return undefined;
  const told = {
    dayweather: amapText(fields.dayweather),
    nightweather: amapText(fields.nightweather),
    daytemp: amapText(fields.daytemp),
    nighttemp: amapText(fields.nighttemp),
    daywind: amapText(fields.daywind),
    nightwind: amapText(fields.nightwind),
    daypower: amapText(fields.daypower),
    nightpower: amapText(fields.nightpower),
  };
  // A day of which nothing is said would take the place of one of which something was.
  if (Object.values(told).every((text) => text === '')) return undefined;
  return { date, week: amapText(fields.week), ...told };
}

/** Longer than any text of a forecast. */
const MAX_TEXT_LENGTH = 64;

/** A text as AMap gives one: a string or a number; '' for `[]`, which it writes for an empty one, and for all else. */
function amapText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return '';
  const text = value.trim();
  return text.length > MAX_TEXT_LENGTH ? '' : text;
}
