import { type ChangedDay, type ComparedAt, changedDays } from '../../domain/weather/changed-rows.ts';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import type { SomeValues } from '../../ports/table.ts';
import type { TableStore, Write } from '../../ports/table-store.ts';
import { weatherTable } from '../../ports/weather-tables.ts';
import { dayKey, readStoredDays, type StoredDays } from './stored-days.ts';

type Columns = typeof weatherTable.columns;

/** Rounds with somebody else who writes the same rows. */
const ROUNDS = 5;

/** Rows that were written; counted on from try to try. */
export interface Tally {
  written: number;
}

/**
 * Writes the days that have changed, each whole and only if what was read of it still holds; brings `stored` up to date.
 * Answers the places that somebody else went on writing. Unavailable when a row could not be written: what was written
 * stays, so that the same can be called again.
 */
export async function storeDays(
  store: TableStore,
  forecasts: readonly PlaceForecast[],
  stored: StoredDays,
  tally: Tally,
  { at, fetched, signal }: { at: ComparedAt; fetched: string; signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  let pending = forecasts;
  for (let round = 0; pending.length > 0; round++) {
    if (round === ROUNDS) return new Set(pending.map(({ adcode }) => adcode));
    const changed = pending.flatMap((forecast) =>
      changedDays(forecast, (date) => stored.get(dayKey(forecast.adcode, date)), at),
    );
    const writes = changed.map((day) => writeOf(day, fetched));
    const outcomes = await store.writeMany(weatherTable, writes, { signal });
    const lost = new Set<string>();
    let failure: Error | undefined;
    for (const [index, day] of changed.entries()) {
      const outcome = outcomes[index];
      if (outcome?.outcome === 'written') {
        tally.written++;
        note(day, stored);
      } else if (outcome?.outcome === 'unmet') lost.add(day.forecast.adcode);
      else if (outcome?.outcome === 'failed') failure = outcome.error;
    }
    if (failure !== undefined) throw failure;
    pending = pending.filter(({ adcode }) => lost.has(adcode));
    const now = await readStoredDays(store, [...lost], at.today, signal, { whole: true });
    for (const [key, day] of now) stored.set(key, day);
  }
  return new Set();
}

function note({ forecast, cast, hash, revision }: ChangedDay, stored: StoredDays): void {
  const { adcode, reporttime, provider } = forecast;
  stored.set(dayKey(adcode, cast.date), { hash, revision, reporttime, provider });
}

function writeOf(
  { forecast, cast, hash, revision, before }: ChangedDay,
  fetched: string,
): Write<typeof weatherTable.key, Columns> {
  const { adcode, province, city, reporttime, provider } = forecast;
  const { date, precipitationProbability, precipitationMm, ...texts } = cast;
  const columns: SomeValues<Columns> = {
    ...{ province, city, reporttime, provider, hash, revision, fetched },
    ...texts,
    ...(precipitationProbability === undefined ? {} : { precipitationprobability: precipitationProbability }),
    ...(precipitationMm === undefined ? {} : { precipitationmm: precipitationMm }),
  };
  const when =
    before === undefined
      ? ({ row: 'absent' } as const)
      : ({ columns: { column: 'revision', is: '=', value: before.revision, ifMissing: 'met' } } as const);
  return { key: { adcode, date }, do: 'put', columns, when };
}
