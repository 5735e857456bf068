import { setImmediate as nextTurn } from 'node:timers/promises';
import { unexpiredRow } from '../rows/unexpired-row.ts';
import { nextKey, tableKeyRange } from './row-store.ts';
import type { Storage } from './storage.ts';
import { dropExpiredPartitions } from './trimmer.ts';

/** How many rows one step reads. A step takes a few milliseconds. The server answers requests between steps. */
const ROWS_PER_TRANSACTION = 200;

/**
 * Deletes the changes whose retention has passed, and the rows whose time to live has passed. Expired rows produce no
 * changes in the stream. Returns the number of deleted rows. Ends early if `signal` is aborted.
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

/** Deletes the expired rows of one step. `next` is the first key of the next step. */
function removeExpiredRows(
  name: string,
  start: Buffer,
  { tables, rows, changeClock, databases }: Storage,
): { readonly removed: number; readonly next?: Buffer } {
  const table = tables.find(name);
  if (table === undefined) return { removed: 0 };
  const expired: Buffer[] = [];
  let scanned = 0;
  let last: Buffer | undefined;
  for (const { key, row } of rows.range({ start, end: tableKeyRange(table).end })) {
    if (unexpiredRow(row, table, changeClock.nowMs()) === undefined) expired.push(key);
    last = key;
    if (++scanned === ROWS_PER_TRANSACTION) break;
  }
  databases.write(() => {
    for (const key of expired) rows.remove(key);
  });
  return scanned < ROWS_PER_TRANSACTION || last === undefined
    ? { removed: expired.length }
    : { removed: expired.length, next: nextKey(last) };
}
