import type { PlainRow, RecordSequence } from '../../../ots/wire/row.ts';

export type ChangeAction = 'PUT_ROW' | 'UPDATE_ROW' | 'DELETE_ROW';

/** One committed change of one row. */
export interface Change {
  /** Position in the partition. `epoch` and `rowIndex` are 0, `timestamp` (µs) increases strictly within the table. */
  readonly sequence: RecordSequence;
  readonly action: ChangeAction;
  /**
   * The stream record in PlainBuffer, Tablestore's binary row format, without the position. A put has the whole row, an
   * update has the changed cells, and a delete has the key.
   */
  readonly record: Buffer;
  /**
   * The old values of the columns in the stream's `columns_to_get`, in PlainBuffer. Absent if `columns_to_get` is
   * empty. If the row is new, this contains no cells.
   */
  readonly oldRow?: Buffer;
}

/** A part of a table's rows, by the hash of the first key column. Each channel of a tunnel reads one partition. */
export interface Partition {
  readonly id: string;
  /** The partition whose split created this one. */
  readonly parent?: string;
  /** True after a split. Later changes are in the partition's children. */
  readonly closed: boolean;
  /** Timestamp (µs) before which the partition has no changes. */
  readonly since: bigint;
}

/** The changes of tables for the Tunnel Service. The log and the table always contain the same changes. */
export interface ChangeLog {
  /**
   * Returns the open partitions, and the closed ones that were split within the retention of the stream. Parents come
   * before children.
   */
  partitions(table: string): readonly Partition[];
  /**
   * Reads the oldest changes with a timestamp above `after` (µs), within the limits. `hasMore` is true if further
   * changes exist.
   */
  read(
    table: string,
    partition: string,
    after: bigint,
    limits: { readonly records: number; readonly bytes: number },
  ): { readonly changes: readonly Change[]; readonly hasMore: boolean };
  /** Returns the timestamp (µs) of the newest change that was dropped after its retention, or 0 for none. */
  newestDropped(table: string, partition: string): bigint;
  /** Returns the timestamp (µs) of the newest change, even if this change was dropped, or 0 for none. */
  latest(table: string, partition: string): bigint;
  /** Reads rows in key order, after the row with the encoded key `after`. `next` is `after` for the next call. */
  scanRows(
    table: string,
    partition: string,
    after: Buffer | undefined,
    limit: number,
  ): { readonly rows: readonly PlainRow[]; readonly next?: Buffer };
  /** Splits a partition in two, on request of an operator. */
  split(table: string, partition: string): void;
  /** Returns the current time in µs, never below the timestamp of the newest change. */
  now(): bigint;
}
