import type { PlainRow } from '../../../ots/wire/row.ts';
import { unexpiredRow } from '../rows/unexpired-row.ts';
import type { ChangeClock } from './change-clock.ts';
import { changeKey, changeKeyRange, tableChangeKeyRange, timestampOf } from './change-key.ts';
import type { Change, ChangeLog, Partition } from './change-log.ts';
import type { Databases } from './databases.ts';
import { encodeKey } from './key-encoding.ts';
import { hashOf, partitionOf, splitPartition } from './partitioning.ts';
import { nextKey, type RowStore, tableKeyRange } from './row-store.ts';
import { decodeChange, encodeChange, type NewChange } from './stored-change.ts';
import type { PartitionRecord, TableRecord } from './table-record.ts';
import type { TableRegistry } from './table-registry.ts';
import { dropExpiredPartitions, type Trimmer } from './trimmer.ts';

/** The parts of the storage that the change log uses. */
export interface ChangeLogDeps {
  readonly databases: Databases;
  readonly tables: TableRegistry;
  readonly rows: RowStore;
  readonly changeClock: ChangeClock;
  readonly trimmer: Trimmer;
}

/** The change log in LMDB. Before each answer, it drops the changes whose retention has passed. */
export class StoredChangeLog implements ChangeLog {
  readonly #storage: ChangeLogDeps;

  constructor(storage: ChangeLogDeps) {
    this.#storage = storage;
  }

  /** Appends a change of a row, if the table has a stream. Must be called in the transaction that changes the row. */
  append(table: TableRecord, firstKeyColumn: Buffer, change: NewChange): void {
    if (table.stream === undefined) return;
    const { number } = partitionOf(table.partitions, hashOf(firstKeyColumn));
    const timestamp = this.#storage.changeClock.next();
    this.#storage.databases.changes.putSync(changeKey(table.id, number, timestamp), encodeChange(change));
  }

  /** Drops all changes of a table. Must be called in the transaction that deletes the table or disables its stream. */
  drop(table: TableRecord): void {
    const { changes } = this.#storage.databases;
    for (const key of [...changes.getKeys(tableChangeKeyRange(table.id))]) changes.removeSync(key);
    this.#storage.trimmer.forget(table);
  }

  partitions(name: string): readonly Partition[] {
    const table = this.#findTrimmedTable(name);
    const known = new Set(table?.partitions.map(({ number }) => number));
    return (table?.partitions ?? []).map(({ number, parent, since, closedAt }) => ({
      id: idOf(table, number),
      ...(parent === undefined || !known.has(parent) ? {} : { parent: idOf(table, parent) }),
      closed: closedAt !== undefined,
      since: BigInt(since),
    }));
  }

  read(
    name: string,
    id: string,
    afterTimestamp: bigint,
    limits: { readonly records: number; readonly bytes: number },
  ): { readonly changes: readonly Change[]; readonly hasMore: boolean } {
    const { table, partition } = this.#require(name, id);
    const { end } = changeKeyRange(table.id, partition.number);
    const start = changeKey(table.id, partition.number, afterTimestamp + 1n);
    const changes: Change[] = [];
    let bytes = 0;
    for (const { key, value } of this.#storage.databases.changes.getRange({ start, end })) {
      bytes += value.length;
      // Return at least one change, however large it is. Otherwise a reader could never read past a large change.
      if (changes.length > 0 && (changes.length >= limits.records || bytes > limits.bytes))
        return { changes, hasMore: true };
      changes.push(decodeChange(value, timestampOf(key)));
    }
    return { changes, hasMore: false };
  }

  newestDropped(name: string, id: string): bigint {
    const { table, partition } = this.#require(name, id);
    return BigInt(this.#storage.trimmer.trimmedUpTo(table, partition));
  }

  latest(name: string, id: string): bigint {
    const { table, partition } = this.#require(name, id);
    const { start, end } = changeKeyRange(table.id, partition.number);
    const newest = this.#storage.databases.changes.getKeys({
      start: end,
      end: start,
      reverse: true,
      limit: 1,
    });
    for (const key of newest) return timestampOf(key);
    return BigInt(this.#storage.trimmer.trimmedUpTo(table, partition));
  }

  scanRows(
    name: string,
    id: string,
    afterKey: Buffer | undefined,
    limit: number,
  ): { readonly rows: readonly PlainRow[]; readonly next?: Buffer } {
    const { table, partition } = this.#require(name, id);
    const whole = tableKeyRange(table);
    const start = afterKey === undefined ? whole.start : nextKey(Buffer.concat([whole.start, afterKey]));
    const nowMs = this.#storage.changeClock.nowMs();
    const rows: PlainRow[] = [];
    for (const { key, row } of this.#storage.rows.range({ start, end: whole.end })) {
      const hash = hashOf(firstColumnOf(row));
      if (hash < partition.from || hash >= partition.to) continue;
      const unexpired = unexpiredRow(row, table, nowMs);
      if (unexpired === undefined) continue;
      rows.push(unexpired);
      if (rows.length >= limit) return { rows, next: key.subarray(whole.start.length) };
    }
    return { rows };
  }

  split(name: string, id: string): void {
    const { table, partition } = this.#require(name, id);
    if (partition.closedAt !== undefined)
      throw new Error(`partition ${id} of table ${name} is already split`);
    this.#storage.databases.write(() => {
      const split = splitPartition(table.partitions, partition, this.#storage.changeClock.next());
      if (split === undefined) throw new Error(`partition ${id} of table ${name} is too small for a split`);
      this.#storage.tables.replace({ ...table, partitions: split });
    });
  }

  now(): bigint {
    return BigInt(this.#storage.changeClock.now());
  }

  #findTrimmedTable(name: string): TableRecord | undefined {
    const table = this.#storage.tables.find(name);
    if (table === undefined) return undefined;
    this.#storage.trimmer.trim(table);
    return dropExpiredPartitions(table, this.#storage);
  }

  #require(name: string, id: string): { table: TableRecord; partition: PartitionRecord } {
    const table = this.#findTrimmedTable(name);
    const partition = table?.partitions.find(({ number }) => idOf(table, number) === id);
    if (table === undefined || partition === undefined)
      throw new Error(`table ${name} has no partition ${id}`);
    return { table, partition };
  }
}

/** The id is unique within the table and never reused. */
const idOf = (table: TableRecord | undefined, number: number): string => `${table?.id ?? 0}.${number}`;

/** Returns the encoded first key column of a row. Its hash determines the partition. */
export const firstColumnOf = ({ primaryKey }: PlainRow): Buffer =>
  encodeKey(primaryKey.slice(0, 1).map(({ value }) => value));
