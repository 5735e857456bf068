import type { InvalidInput, Unavailable } from '../domain/errors.ts';
import type {
  ColumnSchema,
  ColumnValue,
  ColumnValues,
  KeySchema,
  PartialColumnValues,
  Row,
  Table,
} from './table.ts';

export type Comparison = '=' | '!=' | '>' | '>=' | '<' | '<=';

/** A condition on a row's columns. Each column is compared with a constant of the column's type. */
export type ColumnCondition<N extends string = string> =
  | {
      readonly column: N;
      readonly is: Comparison;
      readonly value: ColumnValue;
      /** The result if the row has no such column. */
      readonly ifMissing: 'met' | 'unmet';
    }
  | { readonly all: readonly ColumnCondition<N>[] }
  | { readonly any: readonly ColumnCondition<N>[] }
  | { readonly not: ColumnCondition<N> };

/** A condition for a write. */
export interface WriteCondition<N extends string = string> {
  readonly row?: 'exists' | 'absent';
  readonly columns?: ColumnCondition<N>;
}

/** Changes of single columns. Other columns stay. A missing row is created. */
export interface ColumnChanges<C extends ColumnSchema = ColumnSchema> {
  readonly set?: PartialColumnValues<C>;
  readonly remove?: readonly (keyof C & string)[];
  /**
   * Added to integers. If a write with `add` may have been executed, it is not retried: the numbers could be added
   * twice.
   */
  readonly add?: { readonly [N in keyof C]?: bigint };
}

/** One of several writes. `put` replaces the whole row. */
export type RowWrite<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema> = {
  readonly key: ColumnValues<K>;
  readonly when?: WriteCondition<keyof C & string> | undefined;
} & (
  | { readonly do: 'put'; readonly columns: PartialColumnValues<C> }
  | ({ readonly do: 'update' } & ColumnChanges<C>)
  | { readonly do: 'delete' }
);

/** The result of a write. `unmet`: its condition did not hold, and nothing was changed. */
export type WriteStatus = 'written' | 'unmet';

/** The result of one of several writes. If the error is `Unavailable`, the row may or may not have been written. */
export type WriteOutcome =
  | { readonly outcome: WriteStatus }
  | { readonly outcome: 'failed'; readonly error: InvalidInput | Unavailable };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions<C extends ColumnSchema = ColumnSchema> extends CallOptions {
  /** Reads only these columns. A row that has none of them counts as absent. */
  readonly columns?: readonly (keyof C & string)[] | undefined;
}

export interface WriteOptions<C extends ColumnSchema = ColumnSchema> extends CallOptions {
  readonly when?: WriteCondition<keyof C & string> | undefined;
}

/** A range of rows and its order. A bound has a value for one or more columns of the key, from the first one on. */
export interface RowRange<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema>
  extends ReadOptions<C> {
  /** All rows with these first key columns. The bounds below then apply to the next columns. */
  readonly prefix?: PartialColumnValues<K> | undefined;
  /** The start of the range, inclusive. */
  readonly from?: PartialColumnValues<K> | undefined;
  /** The whole key after which the range starts. Replaces `from`. */
  readonly after?: ColumnValues<K> | undefined;
  /** The end of the range, exclusive. */
  readonly to?: PartialColumnValues<K> | undefined;
  /** `backward` starts with the greatest key; `from` is then greater than `to`. */
  readonly direction?: 'forward' | 'backward' | undefined;
  /** The maximum number of rows. */
  readonly limit?: number | undefined;
  readonly where?: ColumnCondition<keyof C & string> | undefined;
}

/**
 * A store of rows such as Tablestore. Every call has its own timeout. If its signal aborts, a call ends at once with
 * the signal's reason.
 *
 * Errors: `InvalidInput` if the store rejects the call, `Unavailable` if a later retry may succeed. `type` is the
 * store's own code (`OTSServerBusy`), `NoAnswer`, or `ColumnValue` for a value that the column cannot hold.
 *
 * Within the timeout the store retries everything that is safe to repeat:
 * - reads
 * - puts, updates and deletes without a condition and without `add`
 * - every call that the server did not execute
 *
 * It does not retry a conditional write, or a write with `add`, after `OTSTimeout`, `OTSInternalServerError`,
 * `OTSServerUnavailable` or `NoAnswer`. After these errors, the row may or may not have been written.
 *
 * Written values must have the declared type. If another program has stored a column with another type, the column is
 * read as absent.
 */
export interface TableStore {
  /** Returns undefined if there is no such row. */
  get<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    options?: ReadOptions<C>,
  ): Promise<Row<K, C> | undefined>;
  /** Returns the rows of any number of keys, in the order of `keys`; undefined for a missing row. */
  getMany<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    keys: readonly ColumnValues<K>[],
    options?: ReadOptions<C>,
  ): Promise<(Row<K, C> | undefined)[]>;
  /** Yields rows in order of their keys. Reads page by page, on demand. */
  range<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    range?: RowRange<K, C>,
  ): AsyncIterable<Row<K, C>>;
  /** Replaces or creates the whole row. */
  put<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    columns: PartialColumnValues<C>,
    options?: WriteOptions<C>,
  ): Promise<WriteStatus>;
  update<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    change: ColumnChanges<C>,
    options?: WriteOptions<C>,
  ): Promise<WriteStatus>;
  /** Deletes a row. A missing row counts as deleted. */
  delete<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    options?: WriteOptions<C>,
  ): Promise<WriteStatus>;
  /**
   * Writes any number of rows independently of each other, in no order, and returns the outcomes in
   * the order of the writes.
   * Throws `InvalidInput`, and sends nothing, if a value cannot be written or a key occurs twice.
   */
  writeMany<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    writes: readonly RowWrite<K, C>[],
    options?: CallOptions,
  ): Promise<WriteOutcome[]>;
}
