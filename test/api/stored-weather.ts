import type { TableStore } from '../../ports/table-store.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';

/** Default columns of a day: texts and numbers as AMap sends them for 杭州市. */
export const COLUMNS = {
  ...{ province: '浙江', city: '杭州市', reporttime: '2026-11-22 08:00:00', week: '7' },
  ...{ dayweather: '小雨', nightweather: '小雨-中雨', daytemp: '11', nighttemp: '-8' },
  ...{ daywind: '东', nightwind: '无风向', daypower: '4', nightpower: '≤3' },
  ...{ provider: 'amap', hash: 'h', revision: 0n, fetched: '2026-11-22T03:00:05.000Z' },
};

/** Stores a day's row, with the values above as defaults. */
export const storeDay = (
  store: TableStore,
  adcode: string,
  date: string,
  columns: Partial<Record<keyof typeof COLUMNS, string | bigint>> & {
    readonly precipitationprobability?: number;
    readonly precipitationmm?: number;
  } = {},
) => store.put(weatherTable, { adcode, date }, { ...COLUMNS, ...columns } as never);

/** A successful check about one hour before `NOON`, the time of the tests. */
export const CHECK = {
  ...{ checked: '2026-11-22T03:00:06.000Z', outcome: 'fresh', provider: 'amap' },
  ...{ succeeded: '2026-11-22T03:00:06.000Z', issued: '2026-11-22 08:00:00' },
};

/** Stores a check of a place; by default a successful one about one hour before `NOON`. */
export const storeCheck = (
  store: TableStore,
  adcode: string,
  columns: { readonly [name in keyof typeof freshnessTable.columns]?: string } = {},
) =>
  store.put(freshnessTable, { adcode }, {
    ...CHECK,
    ...columns,
  } as never);

export const DATES = ['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25'] as const;

/** Stores four days from 2026-11-22, and a successful check. */
export async function storePlace(
  store: TableStore,
  adcode: string,
  columns: Parameters<typeof storeDay>[3] = {},
): Promise<void> {
  for (const [index, date] of DATES.entries())
    await storeDay(store, adcode, date, { hash: `${adcode}-${index}`, ...columns });
  await storeCheck(store, adcode);
}
