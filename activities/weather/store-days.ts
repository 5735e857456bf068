import {
  type ChangedDay,
  type ComparisonTime,
  changedDays,
  type StoredDay,
} from '../../domain/weather/changed-days.ts';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { RowWrite, TableStore } from '../../ports/table-store.ts';
import { weatherTable } from '../../ports/weather-tables.ts';

type Columns = typeof weatherTable.columns;

/** The maximum number of attempts if another writer changes the same rows. */
const MAX_ROUNDS = 5;

/** The number of rows written, summed over retries. */
interface WriteCount {
  written: number;
}

/**
 * Writes each changed day as a whole row, if the row has not changed since it was read, and updates `stored`.
 * Resolves to the places whose rows another writer keeps changing. Throws `Unavailable` if a row cannot be written.
 * Rows already written stay, so the same call can be retried.
 */
export async function storeDays(
  store: TableStore,
  forecasts: readonly PlaceForecast[],
  stored: StoredDays,
  writeCount: WriteCount,
  {
    comparisonTime,
    fetchedAt,
    signal,
  }: { comparisonTime: ComparisonTime; fetchedAt: string; signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  let pending = forecasts;
  for (let round = 0; pending.length > 0; round++) {
    if (round === MAX_ROUNDS) return new Set(pending.map(({ adcode }) => adcode));
    const changed = pending.flatMap((forecast) =>
      changedDays(forecast, (date) => stored.get(dayKey(forecast.adcode, date)), comparisonTime),
    );
    const writes = changed.map((day) => weatherWrite(day, fetchedAt));
    const outcomes = await store.writeMany(weatherTable, writes, { signal });
    const contended = new Set<string>();
    let failure: Error | undefined;
    for (const [index, day] of changed.entries()) {
      const outcome = outcomes[index];
      if (outcome?.outcome === 'written') {
        writeCount.written++;
        recordStored(day, stored);
      } else if (outcome?.outcome === 'unmet') contended.add(day.forecast.adcode);
      else if (outcome?.outcome === 'failed') failure = outcome.error;
    }
    if (failure !== undefined) throw failure;
    pending = pending.filter(({ adcode }) => contended.has(adcode));
    const reread = await readStoredDays(store, [...contended], comparisonTime.today, signal, { whole: true });
    for (const [key, day] of reread) stored.set(key, day);
  }
  return new Set();
}

function recordStored({ forecast, dayForecast, hash, revision }: ChangedDay, stored: StoredDays): void {
  const { adcode, reporttime, provider } = forecast;
  stored.set(dayKey(adcode, dayForecast.date), { hash, revision, reporttime, provider });
}

function weatherWrite(
  { forecast, dayForecast, hash, revision, storedDay }: ChangedDay,
  fetched: string,
): RowWrite<typeof weatherTable.key, Columns> {
  const { adcode, province, city, reporttime, provider } = forecast;
  const { date, precipitationProbability, precipitationMm, ...texts } = dayForecast;
  const columns: PartialColumnValues<Columns> = {
    ...{ province, city, reporttime, provider, hash, revision, fetched },
    ...texts,
    ...(precipitationProbability === undefined ? {} : { precipitationprobability: precipitationProbability }),
    ...(precipitationMm === undefined ? {} : { precipitationmm: precipitationMm }),
  };
  const when =
    storedDay === undefined
      ? ({ row: 'absent' } as const)
      : ({ columns: { column: 'revision', is: '=', value: storedDay.revision, ifMissing: 'met' } } as const);
  return { key: { adcode, date }, do: 'put', columns, when };
}

/** The stored days of some places, by adcode and date. */
export type StoredDays = Map<string, StoredDay>;

const dayKey = (adcode: string, date: string): string => `${adcode}/${date}`;

/**
 * Reads the stored days of some places from `today` on, with one range per province. If `whole` is true, reads all
 * columns. Otherwise reads four columns, and does not find a row that has none of the four.
 */
export async function readStoredDays(
  store: TableStore,
  adcodes: readonly string[],
  today: string,
  signal: AbortSignal,
  { whole = false } = {},
): Promise<StoredDays> {
  const days: StoredDays = new Map();
  const wanted = new Set(adcodes);
  for (const provinceAdcodes of byProvince([...adcodes].sort())) {
    const range = {
      ...{ from: { adcode: provinceAdcodes[0] ?? '' }, to: { adcode: `${provinceAdcodes.at(-1) ?? ''}\0` } },
      ...(whole ? {} : { columns: ['hash', 'revision', 'reporttime', 'provider'] as const }),
      signal,
    };
    for await (const { key, columns } of store.range(weatherTable, range)) {
      if (!wanted.has(key.adcode) || key.date < today) continue;
      const { hash = '', revision = -1n, reporttime = '', provider = '' } = columns;
      days.set(dayKey(key.adcode, key.date), { hash, revision, reporttime, provider });
    }
  }
  return days;
}

/** Groups adcodes by province: the first two digits. */
function byProvince(sorted: readonly string[]): string[][] {
  const provinces = new Map<string, string[]>();
  for (const adcode of sorted) {
    const province = provinces.get(adcode.slice(0, 2));
    if (province === undefined) provinces.set(adcode.slice(0, 2), [adcode]);
    else province.push(adcode);
  }
  return [...provinces.values()];
}
