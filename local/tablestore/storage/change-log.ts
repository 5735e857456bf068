import type { PlainRow, RecordSequence } from '../../../ots/wire/row.ts';

export type ChangeAction = 'PUT_ROW' | 'UPDATE_ROW' | 'DELETE_ROW';

/** One committed change of one row. */
export interface Change {
  /** Its place in its partition; `epoch` and `rowIndex` are 0, `timestamp` (µs) is strictly increasing within the table. */
  readonly sequence: RecordSequence;
  readonly action: ChangeAction;
  /**
   * PlainBuffer of the row as a stream record carries it, without its place: the whole image of a put, the touched cells
   * of an update, the key of a delete.
   */
  readonly record: Buffer;
  /** PlainBuffer of the old values of the stream's `columns_to_get`, where the stream has such; without cells for a new row. */
  readonly origin?: Buffer;
}

/** A share of a table by its first key column: what the tunnel service makes a channel of. */
export interface Partition {
  readonly id: string;
  /** The partition that was split into this one and another. */
  readonly parent?: string;
  /** It was split: its changes end, and go on in its children. */
  readonly closed: boolean;
  /** When it began to take changes, in µs. */
  readonly since: bigint;
}

/** What the tunnel service reads of a table: a change is in here if and only if it is in the table. */
export interface ChangeLog {
  /** Every partition whose changes are still kept, closed ones too, parents before children. */
  partitions(table: string): readonly Partition[];
  /** The oldest changes with a timestamp above `after` (µs), at most so many and so many bytes; `more` follow at once. */
  read(
    table: string,
    partition: string,
    after: bigint,
    limits: { readonly records: number; readonly bytes: number },
  ): { readonly changes: readonly Change[]; readonly more: boolean };
  /** Timestamp (µs) of the newest change that was dropped because its retention was over; 0 for none. */
  trimmed(table: string, partition: string): bigint;
  /** Timestamp (µs) of the newest change; 0 for none. */
  latest(table: string, partition: string): bigint;
  /** Rows of a partition in key order, after the row whose encoded key is `after`; the next call's `after` is `next`. */
  scan(
    table: string,
    partition: string,
    after: Buffer | undefined,
    limit: number,
  ): { readonly rows: readonly PlainRow[]; readonly next?: Buffer };
  /** Splits a partition in two, by admin's wish. */
  split(table: string, partition: string): void;
  /** Now, in µs, never below the newest change's timestamp. */
  now(): bigint;
}
