import type { PartialColumnValues, Row } from '../ports/table.ts';
import { freshnessTable, weatherTable } from '../ports/weather-tables.ts';
import type { StoreReads } from './bounded-reads.ts';

export type WeatherRow = Row<typeof weatherTable.key, typeof weatherTable.columns>;

/** What is stored of a place: days in order, all of one provider, at least one, and when it was checked. */
export interface StoredForecast {
  readonly provider: string;
  readonly days: readonly WeatherRow[];
  /** There are days of another provider, too. */
  readonly mixed: boolean;
  readonly freshness: PartialColumnValues<typeof freshnessTable.columns>;
}

/** Reads places' days; those of which nothing is stored are not in the answer. `TableStore`'s errors. */
export async function readForecasts(
  store: StoreReads,
  adcodes: readonly string[],
  dates: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoredForecast>> {
  if (adcodes.length === 0) return new Map();
  const keys = adcodes.flatMap((adcode) => dates.map((date) => ({ adcode, date })));
  const freshKeys = adcodes.map((adcode) => ({ adcode }));
  const [rows, freshness] = await Promise.all([
    store.getMany(weatherTable, keys, { signal }),
    store.getMany(freshnessTable, freshKeys, { signal }),
  ]);
  return new Map(
    adcodes.flatMap((adcode, index) => {
      const ofPlace = rows.slice(index * dates.length, (index + 1) * dates.length);
      const stored = selectProvider(
        ofPlace.filter((row) => row !== undefined),
        freshness[index]?.columns ?? {},
      );
      return stored === undefined ? [] : [[adcode, stored] as const];
    }),
  );
}

/**
 * Two providers never stand in one card: the one that gave a forecast last counts, or else the one that was fetched last.
 */
function selectProvider(
  rows: readonly WeatherRow[],
  freshness: StoredForecast['freshness'],
): StoredForecast | undefined {
  const last = rows.filter(({ columns }) => columns.provider === lastProvider(freshness));
  const [newest] = [...(last.length > 0 ? last : rows)].sort((one, other) =>
    (one.columns.fetched ?? '') < (other.columns.fetched ?? '') ? 1 : -1,
  );
  if (newest === undefined) return undefined;
  const { provider = '' } = newest.columns;
  const days = rows.filter(({ columns }) => (columns.provider ?? '') === provider);
  return { provider, days, mixed: days.length < rows.length, freshness };
}

/** Whose forecast came last; older rows of `freshness` say only who was asked last. */
export const lastProvider = ({ succeededby, provider }: StoredForecast['freshness']): string | undefined =>
  succeededby ?? provider;
