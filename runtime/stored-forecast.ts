import type { PartialColumnValues, Row } from '../ports/table.ts';
import type { TableStore } from '../ports/table-store.ts';
import { freshnessTable, weatherTable } from '../ports/weather-tables.ts';

export type WeatherRow = Row<typeof weatherTable.key, typeof weatherTable.columns>;

/** The stored forecast of a place: at least one day, sorted, all of one provider; and its freshness. */
export interface StoredForecast {
  readonly provider: string;
  readonly days: readonly WeatherRow[];
  /** True if days of another provider are stored too. */
  readonly mixed: boolean;
  readonly freshness: PartialColumnValues<typeof freshnessTable.columns>;
}

/** Reads the days of places. Places without stored days are missing in the result. */
export async function readForecasts(
  store: Pick<TableStore, 'getMany'>,
  adcodes: readonly string[],
  dates: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoredForecast>> {
  if (adcodes.length === 0) return new Map();
  const keys = adcodes.flatMap((adcode) => dates.map((date) => ({ adcode, date })));
  const freshnessKeys = adcodes.map((adcode) => ({ adcode }));
  const [rows, freshness] = await Promise.all([
    store.getMany(weatherTable, keys, { signal }),
    store.getMany(freshnessTable, freshnessKeys, { signal }),
  ]);
  return new Map(
    adcodes.flatMap((adcode, index) => {
      const rowsOfPlace = rows.slice(index * dates.length, (index + 1) * dates.length);
      const stored = selectForecast(
        rowsOfPlace.filter((row) => row !== undefined),
        freshness[index]?.columns ?? {},
      );
      return stored === undefined ? [] : [[adcode, stored] as const];
    }),
  );
}

/**
 * Selects the days of one provider: the provider that succeeded last. If that provider has no days, selects the days of
 * the provider whose day was fetched last. Returns undefined if there are no days.
 */
function selectForecast(
  rows: readonly WeatherRow[],
  freshness: StoredForecast['freshness'],
): StoredForecast | undefined {
  const rowsOfLastProvider = rows.filter(({ columns }) => columns.provider === lastProvider(freshness));
  const [newest] = [...(rowsOfLastProvider.length > 0 ? rowsOfLastProvider : rows)].sort((one, other) =>
    (one.columns.fetched ?? '') < (other.columns.fetched ?? '') ? 1 : -1,
  );
  if (newest === undefined) return undefined;
  const { provider = '' } = newest.columns;
  const days = rows.filter(({ columns }) => (columns.provider ?? '') === provider);
  return { provider, days, mixed: days.length < rows.length, freshness };
}

/** The provider that succeeded last. Older rows of `freshness` have only the provider of the last check. */
export const lastProvider = ({ succeededby, provider }: StoredForecast['freshness']): string | undefined =>
  succeededby ?? provider;
