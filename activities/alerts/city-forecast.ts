import { addDays } from '../../domain/alerts/local-time.ts';
import type { NewestForecast } from '../../domain/alerts/occurrence.ts';
import type { DayForecast } from '../../domain/weather/forecast.ts';
import type { PartialColumnValues, Row } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';

type WeatherRow = Row<typeof weatherTable.key, typeof weatherTable.columns>;

/** The newest forecast of a place for a day and the day before, with its provider. */
export interface CityForecast extends NewestForecast {
  readonly provider: string;
  /** When the provider issued it, in epoch ms. */
  readonly issuedAt: number | undefined;
}

/** Reads the newest forecast of a place for `date`. Resolves to undefined if there is none for either day. */
export async function readCityForecast(
  store: Pick<TableStore, 'get' | 'getMany'>,
  adcode: string,
  date: string,
  signal: AbortSignal,
): Promise<CityForecast | undefined> {
  const keys = [addDays(date, -1), date].map((day) => ({ adcode, date: day }));
  const [rows, freshness] = await Promise.all([
    store.getMany(weatherTable, keys, { signal }),
    store.get(freshnessTable, { adcode }, { signal }),
  ]);
  const { succeeded, succeededby, issued } = freshness?.columns ?? {};
  const found = rows.filter((row) => row !== undefined);
  // Days of different providers are never mixed.
  const provider = succeededby ?? found.at(-1)?.columns.provider ?? '';
  const days = found.filter(({ columns }) => columns.provider === provider);
  const last = days.at(-1);
  if (last === undefined) return undefined;
  const fetched = [succeeded, last.columns.fetched].flatMap((text) => instantOf(text) ?? []);
  return {
    provider,
    fetchedAt: Math.max(0, ...fetched),
    issuedAt: reportInstant(issued ?? last.columns.reporttime),
    days: days.map(dayOf),
  };
}

function dayOf({ key, columns }: WeatherRow): DayForecast {
  const text = (name: keyof PartialColumnValues<typeof weatherTable.columns>): string =>
    String(columns[name] ?? '');
  const { precipitationprobability, precipitationmm } = columns;
  return {
    ...{ date: key.date, week: text('week') },
    ...{ dayweather: text('dayweather'), nightweather: text('nightweather') },
    ...{ daytemp: text('daytemp'), nighttemp: text('nighttemp') },
    ...{ daywind: text('daywind'), nightwind: text('nightwind') },
    ...{ daypower: text('daypower'), nightpower: text('nightpower') },
    ...(precipitationprobability === undefined ? {} : { precipitationProbability: precipitationprobability }),
    ...(precipitationmm === undefined ? {} : { precipitationMm: precipitationmm }),
  };
}

const instantOf = (text: string | undefined): number | undefined => {
  const instant = Date.parse(text ?? '');
  return Number.isNaN(instant) ? undefined : instant;
};

/** The report time is in Beijing time, `yyyy-mm-dd hh:mm:ss`. */
const reportInstant = (reporttime = ''): number | undefined =>
  instantOf(`${reporttime.replace(' ', 'T')}+08:00`);
