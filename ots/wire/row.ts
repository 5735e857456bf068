/**
 * A column's value: integer, double, boolean, string or binary. The JavaScript type determines the type on the wire.
 */
export type CellValue = bigint | number | boolean | string | Buffer;

/** The lower end of a range. It is below all values. */
export const INF_MIN = Symbol('INF_MIN');
/** The upper end of a range. It is above all values. */
export const INF_MAX = Symbol('INF_MAX');
/** Stands for the number that the service generates for a key column. */
export const AUTO_INCREMENT = Symbol('AUTO_INCREMENT');
export type KeyMark = typeof INF_MIN | typeof INF_MAX | typeof AUTO_INCREMENT;

/** A key column's value. */
export type KeyValue = bigint | string | Buffer;

export interface KeyCell<V extends KeyValue | KeyMark = KeyValue | KeyMark> {
  readonly name: string;
  readonly value: V;
}

/** The effect of an UpdateRow on a column. If absent, the UpdateRow sets the column to `value`. */
export type CellOperation = 'delete all versions' | 'delete version' | 'increment';

export interface Cell {
  readonly name: string;
  /** Absent if the operation deletes. */
  readonly value?: CellValue | undefined;
  /** The version, in epoch ms. */
  readonly timestamp?: bigint | undefined;
  readonly operation?: CellOperation | undefined;
}

/** The position of a change in its channel: ordered by epoch, then timestamp (µs), then index. */
export interface RecordSequence {
  readonly epoch: number;
  readonly timestamp: bigint;
  readonly rowIndex: number;
}

/** A row, or a change of one, as PlainBuffer carries it. */
export interface PlainRow {
  readonly primaryKey: readonly KeyCell[];
  readonly cells: readonly Cell[];
  /** True if the change deletes the row. */
  readonly deleted?: boolean;
  /** Only present in records of a stream. */
  readonly sequence?: RecordSequence | undefined;
}
