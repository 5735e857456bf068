import { addDays } from '../domain/alerts/local-time.ts';
import type { NewestForecast } from '../domain/alerts/occurrence.ts';
import { parseTimestampMs } from '../domain/timestamp.ts';
import type { DayForecast } from '../domain/weather/forecast.ts';
import type { TableStore } from '../ports/table-store.ts';
import { lastProvider, readForecasts, type WeatherRow } from './stored-forecast.ts';

/** The newest forecast of a place for a day and the day before. Instants are in epoch ms. */
export interface NewestPlaceForecast extends NewestForecast {
  readonly provider: string;
  /** When the provider issued it. */
  readonly issuedAt: number | undefined;
}

/** Reads the newest stored forecast of a place for `date` (`yyyy-mm-dd`). Undefined: there is none. */
export async function readNewestForecast(
  store: Pick<TableStore, 'getMany'>,
  adcode: string,
  date: string,
  signal: AbortSignal,
): Promise<NewestPlaceForecast | undefined> {
  const stored = (await readForecasts(store, [adcode], [addDays(date, -1), date], signal)).get(adcode);
  const newest = stored?.days.at(-1);
  if (stored === undefined || newest === undefined) return undefined;
  const { provider, freshness } = stored;
  const { succeeded, issued } = lastProvider(freshness) === provider ? freshness : {};
  const fetched = [succeeded, newest.columns.fetched].map((text = '') => parseTimestampMs(text) ?? 0);
  // Report times are in Beijing time, `yyyy-mm-dd hh:mm:ss`.
  const reported = (issued ?? newest.columns.reporttime ?? '').replace(' ', 'T');
  return {
    provider,
    fetchedAt: Math.max(...fetched),
    issuedAt: parseTimestampMs(`${reported}+08:00`),
    days: stored.days.map(dayOf),
  };
}

function dayOf({ key, columns }: WeatherRow): DayForecast {
  const { week = '', dayweather = '', nightweather = '', daytemp = '', nighttemp = '' } = columns;
  const { daywind = '', nightwind = '', daypower = '', nightpower = '' } = columns;
  const { precipitationprobability: probability, precipitationmm: millimetres } = columns;
  return {
    ...{ date: key.date, week, dayweather, nightweather, daytemp, nighttemp },
    ...{ daywind, nightwind, daypower, nightpower },
    ...(probability === undefined ? {} : { precipitationProbability: probability }),
    ...(millimetres === undefined ? {} : { precipitationMm: millimetres }),
  };
}
