import { setImmediate as nextTurn } from 'node:timers/promises';
import { unexpiredRow } from '../rows/unexpired-row.ts';
import { nextKey, tableKeyRange } from './row-store.ts';
import type { Storage } from './storage.ts';
import { dropExpiredPartitions } from './trimmer.ts';

/** Rows looked at in one go, for some milliseconds; requests are answered in between. */
const ROWS_PER_TRANSACTION = 200;

/**
 * Takes away what nobody can read any more: changes whose retention is over, and rows whose time to live is. Rows that
 * end so are no changes of the stream. Answers how many rows went; ends early when `signal` is aborted.
 */
export async function sweep(storage: Storage, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (const name of storage.tables.names()) {
    const table = storage.tables.find(name);
    if (table === undefined) continue;
    storage.trimmer.trim(table);
    dropExpiredPartitions(table, storage);
    let from: Buffer | undefined = table.timeToLive < 0 ? undefined : tableKeyRange(table).start;
    while (from !== undefined && !signal?.aborted) {
      const step = removeExpiredRows(name, from, storage);
      removed += step.removed;
      from = step.next;
      await nextTurn();
    }
  }
  return removed;
}

/** Looks at some rows from a key on; `next` is the key to go on from. */
function removeExpiredRows(
  name: string,
  start: Buffer,
  { tables, rows, clocks, databases }: Storage,
): { readonly removed: number; readonly next?: Buffer } {
  const table = tables.find(name);
  if (table === undefined) return { removed: 0 };
  const ended: Buffer[] = [];
  let looked = 0;
  let last: Buffer | undefined;
  for (const { key, row } of rows.range({ start, end: tableKeyRange(table).end })) {
    if (unexpiredRow(row, table, clocks.nowMs()) === undefined) ended.push(key);
    last = key;
    if (++looked === ROWS_PER_TRANSACTION) break;
  }
  databases.write(() => {
    for (const key of ended) rows.remove(key);
  });
  return looked < ROWS_PER_TRANSACTION || last === undefined
    ? { removed: ended.length }
    : { removed: ended.length, next: nextKey(last) };
}
