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

/** What a row's columns must be; a column is compared with a constant of its own type. */
export type ColumnCondition<N extends string = string> =
  | {
      readonly column: N;
      readonly is: Comparison;
      readonly value: ColumnValue;
      /** What follows where the row has no such column. */
      readonly ifMissing: 'met' | 'unmet';
    }
  | { readonly all: readonly ColumnCondition<N>[] }
  | { readonly any: readonly ColumnCondition<N>[] }
  | { readonly not: ColumnCondition<N> };

/** What a row must be for a write to happen. */
export interface WriteCondition<N extends string = string> {
  readonly row?: 'exists' | 'absent';
  readonly columns?: ColumnCondition<N>;
}

/** Changes of single columns; the others stay, and a row that is not there is made. */
export interface ColumnChanges<C extends ColumnSchema = ColumnSchema> {
  readonly set?: PartialColumnValues<C>;
  readonly remove?: readonly (keyof C & string)[];
  /** Added to integers. Such a write is never sent twice, since it would count twice. */
  readonly add?: { readonly [N in keyof C]?: bigint };
}

/** One write among others; `put` replaces the whole row. */
export type RowWrite<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema> = {
  readonly key: ColumnValues<K>;
  readonly when?: WriteCondition<keyof C & string> | undefined;
} & (
  | { readonly do: 'put'; readonly columns: PartialColumnValues<C> }
  | ({ readonly do: 'update' } & ColumnChanges<C>)
  | { readonly do: 'delete' }
);

/** Whether a write happened; `unmet`: its condition did not hold, and nothing was changed. */
export type WriteStatus = 'written' | 'unmet';

/** What became of one write among others; of `Unavailable` ones it may be unknown whether they happened. */
export type WriteOutcome =
  | { readonly outcome: WriteStatus }
  | { readonly outcome: 'failed'; readonly error: InvalidInput | Unavailable };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions<C extends ColumnSchema = ColumnSchema> extends CallOptions {
  /** Only these; a row that has none of them is as good as absent. */
  readonly columns?: readonly (keyof C & string)[] | undefined;
}

export interface WriteOptions<C extends ColumnSchema = ColumnSchema> extends CallOptions {
  readonly when?: WriteCondition<keyof C & string> | undefined;
}

/** Which rows, in which order. Bounds name the first columns of the key, and as many of them as they like. */
export interface RowRange<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema>
  extends ReadOptions<C> {
  /** All rows that begin so; the bounds below are then of the columns that follow. */
  readonly prefix?: PartialColumnValues<K> | undefined;
  /** Where reading begins, this included: with all rows that begin so. */
  readonly from?: PartialColumnValues<K> | undefined;
  /** A whole key where reading begins, this not included, in place of `from`. */
  readonly after?: ColumnValues<K> | undefined;
  /** Where reading ends: before the first row that begins so. */
  readonly to?: PartialColumnValues<K> | undefined;
  /** `backward` begins with the greatest key; `from` and `to` are then met in that order, too. */
  readonly direction?: 'forward' | 'backward' | undefined;
  /** How many rows at most. */
  readonly limit?: number | undefined;
  readonly where?: ColumnCondition<keyof C & string> | undefined;
}

/**
 * A store of rows such as Tablestore. Every call ends by a deadline of its own, and at once, with the signal's reason,
 * when its signal is aborted. What the store refuses is `InvalidInput`, what may be tried later `Unavailable`; `type` is
 * the store's own code (`OTSServerBusy`), or `NoAnswer`, or `CellValue` for a value that no such column can hold. What
 * can be sent again without another effect has been, for as long as the deadline lets it: reads, unconditional puts,
 * changes and deletes, and whatever the store said it did not do. Of a conditional or adding write that is `Unavailable`
 * with `OTSTimeout`, `OTSInternalServerError`, `OTSServerUnavailable` or `NoAnswer` it is unknown whether it happened.
 * What is written must be of the declared type; a stored column of another type, as another program may have left it,
 * counts as absent when it is read.
 */
export interface TableStore {
  /** Undefined when there is no such row. */
  get<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    options?: ReadOptions<C>,
  ): Promise<Row<K, C> | undefined>;
  /** The rows of these keys by their index, however many; undefined where there is none. */
  getMany<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    keys: readonly ColumnValues<K>[],
    options?: ReadOptions<C>,
  ): Promise<(Row<K, C> | undefined)[]>;
  /** Rows in order of their keys, read page by page as they are taken. */
  range<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    range?: RowRange<K, C>,
  ): AsyncIterable<Row<K, C>>;
  /** Replaces the whole row, or makes it. */
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
  /** A row that is not there counts as deleted. */
  delete<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    key: ColumnValues<K>,
    options?: WriteOptions<C>,
  ): Promise<WriteStatus>;
  /**
   * Writes rows independently of each other and in no order, however many, and answers for each by its index. A value
   * that cannot be written, and the same key twice, is `InvalidInput` before anything is sent.
   */
  writeMany<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    writes: readonly RowWrite<K, C>[],
    options?: CallOptions,
  ): Promise<WriteOutcome[]>;
}
