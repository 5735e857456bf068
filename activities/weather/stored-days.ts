import type { StoredDay } from '../../domain/weather/changed-rows.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { weatherTable } from '../../ports/weather-tables.ts';

/** What is stored of some places, by adcode and date. */
export type StoredDays = Map<string, StoredDay>;

export const dayKey = (adcode: string, date: string): string => `${adcode}/${date}`;

/**
 * Reads what is stored of some places from a day on, province by province, each in one range. A row that somebody else
 * wrote, without any column of ours, is found only where `whole` rows are read.
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
  for (const ofProvince of byProvince([...adcodes].sort())) {
    const range = {
      ...{ from: { adcode: ofProvince[0] ?? '' }, to: { adcode: `${ofProvince.at(-1) ?? ''}\0` } },
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

/** Codes of one province begin with the same two digits. */
function byProvince(sorted: readonly string[]): string[][] {
  const provinces = new Map<string, string[]>();
  for (const adcode of sorted) {
    const province = provinces.get(adcode.slice(0, 2));
    if (province === undefined) provinces.set(adcode.slice(0, 2), [adcode]);
    else province.push(adcode);
  }
  return [...provinces.values()];
}
