import type { ChangeClock } from './change-clock.ts';
import { changeKey, changeKeyRange, timestampOf } from './change-key.ts';
import type { Databases } from './databases.ts';
import type { PartitionRecord, TableRecord } from './table-record.ts';
import type { TableRegistry } from './table-registry.ts';

const HOUR_US = 3_600_000_000;

/** Drops changes when the retention of their stream has passed. Stores the timestamp of the newest dropped change. */
export class Trimmer {
  readonly #databases: Databases;
  readonly #changeClock: ChangeClock;

  constructor(databases: Databases, changeClock: ChangeClock) {
    this.#databases = databases;
    this.#changeClock = changeClock;
  }

  /** Drops the expired changes of a table. */
  trim(table: TableRecord): void {
    const retentionStart = this.retentionStartOf(table);
    for (const partition of table.partitions) this.#trimPartition(table, partition, retentionStart);
  }

  /** Returns the timestamp (µs) before which changes are expired. Without a stream, all changes are expired. */
  retentionStartOf({ stream }: TableRecord): number {
    const now = this.#changeClock.now();
    return stream === undefined ? now : Math.max(0, now - stream.expirationHours * HOUR_US);
  }

  /** Returns the timestamp (µs) of the newest dropped change of a partition, or 0 for none. */
  trimmedUpTo(table: TableRecord, { number }: PartitionRecord): number {
    return this.#databases.counters.get(counterOf(table, number)) ?? 0;
  }

  /** Resets the state of a table. Must be called in the transaction that drops its changes. */
  forget(table: TableRecord): void {
    for (const { number } of table.partitions) this.#databases.counters.removeSync(counterOf(table, number));
  }

  #trimPartition(table: TableRecord, { number }: PartitionRecord, retentionStart: number): void {
    const { changes, counters } = this.#databases;
    const expiredRange = {
      start: changeKeyRange(table.id, number).start,
      end: changeKey(table.id, number, retentionStart),
    };
    if (changes.getKeysCount({ ...expiredRange, limit: 1 }) === 0) return;
    this.#databases.write(() => {
      const keys = [...changes.getKeys(expiredRange)];
      for (const key of keys) changes.removeSync(key);
      const newest = keys.at(-1);
      if (newest !== undefined) counters.putSync(counterOf(table, number), Number(timestampOf(newest)));
    });
  }
}

/**
 * Removes the partitions that were closed before the retention began, and returns the changed table. All changes of
 * such a partition have expired.
 */
export function dropExpiredPartitions(
  table: TableRecord,
  { tables, trimmer }: { readonly tables: TableRegistry; readonly trimmer: Trimmer },
): TableRecord {
  const retentionStart = trimmer.retentionStartOf(table);
  const partitions = table.partitions.filter(
    ({ closedAt }) => closedAt === undefined || closedAt >= retentionStart,
  );
  if (partitions.length === table.partitions.length) return table;
  const trimmedTable = { ...table, partitions };
  tables.replace(trimmedTable);
  return trimmedTable;
}

const counterOf = ({ id }: TableRecord, partition: number): string => `trimmed:${id}:${partition}`;
