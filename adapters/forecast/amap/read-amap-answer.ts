import { parseTimestampMs } from '../../../domain/timestamp.ts';
import type { DayForecast, PlaceForecast } from '../../../domain/weather/forecast.ts';

/** A parsed answer of AMap. */
export type AmapAnswer =
  | { readonly kind: 'forecast'; readonly forecast: Omit<PlaceForecast, 'provider'> }
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly infocode: string; readonly info: string }
  /** A forecast for another place than the requested one. */
  | { readonly kind: 'other place'; readonly adcode: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads the parsed JSON of `v3/weather/weatherInfo?extensions=all` for one place. AMap writes `[]` for an empty text,
 * and numbers with or without quotes. All these forms are accepted.
 */
export function readAmapAnswer(body: unknown, adcode: string): AmapAnswer {
  if (!isObject(body)) return unreadable('is not a JSON object');
  const infocode = amapText(body.infocode);
  if (amapText(body.status) !== '1') {
    if (!/^\d{4,6}$/.test(infocode)) return unreadable('has neither status "1" nor an infocode');
    return { kind: 'refused', infocode, info: amapText(body.info) };
  }
  if (isEmptyValue(body.forecasts) || amapText(body.count) === '0') return { kind: 'empty' };
  if (!Array.isArray(body.forecasts)) return unreadable('has forecasts that are not an array');
  const forecasts = body.forecasts.filter((forecast) => !isEmptyValue(forecast));
  return forecasts.length === 0 ? { kind: 'empty' } : readForecast(forecasts, adcode);
}

function readForecast(forecasts: readonly unknown[], adcode: string): AmapAnswer {
  const forecast =
    forecasts.find((item) => isObject(item) && amapText(item.adcode) === adcode) ?? forecasts[0];
  if (!isObject(forecast)) return unreadable('has a forecast that is not an object');
  if (isEmptyValue(forecast.casts)) return { kind: 'empty' };
  const answeredAdcode = amapText(forecast.adcode);
  if (answeredAdcode === '') return unreadable('has a forecast without an adcode');
  if (answeredAdcode !== adcode) return { kind: 'other place', adcode: answeredAdcode };
  const days = readDays(forecast.casts);
  if (days.length === 0) return unreadable('has a forecast without a readable day');
  const [province, city] = [amapText(forecast.province), amapText(forecast.city)];
  return {
    kind: 'forecast',
    forecast: { adcode, province, city, reporttime: readTime(forecast.reporttime), days },
  };
}

/** True for absent values and for AMap's forms of an empty value. */
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

/** Returns the days of a forecast in order. An invalid value becomes ''. A day without a date is omitted. */
function readDays(value: unknown): DayForecast[] {
  const days = new Map<string, DayForecast>();
  for (const item of Array.isArray(value) ? value : []) {
    const day = readDay(item);
    if (day !== undefined && !days.has(day.date)) days.set(day.date, day);
  }
  return [...days.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
}

function readDay(value: unknown): DayForecast | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const date = amapText(fields.date);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || parseTimestampMs(`${date}T00:00:00Z`) === undefined)
    return undefined;
  const values = {
    dayweather: amapText(fields.dayweather),
    nightweather: amapText(fields.nightweather),
    daytemp: amapText(fields.daytemp),
    nighttemp: amapText(fields.nighttemp),
    daywind: amapText(fields.daywind),
    nightwind: amapText(fields.nightwind),
    daypower: amapText(fields.daypower),
    nightpower: amapText(fields.nightpower),
  };
  // An empty day is omitted. Otherwise it would replace a stored day that has values.
  if (Object.values(values).every((text) => text === '')) return undefined;
  return { date, week: amapText(fields.week), ...values };
}

/** The maximum length of a valid text. AMap's real texts are shorter. */
const MAX_TEXT_LENGTH = 64;

/**
 * Converts a string or a number to a text. Returns '' for `[]`, which is AMap's empty text, and for any other value.
 */
function amapText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return '';
  const text = value.trim();
  return text.length > MAX_TEXT_LENGTH ? '' : text;
}
