import type { CellValue, KeyCell, KeyValue, PlainRow } from '../../../ots/wire/row.ts';

/** A version of a column as it is kept: it has a value and a timestamp (ms). */
export interface StoredCell {
  readonly name: string;
  readonly value: CellValue;
  readonly timestamp: bigint;
}

/** A row as it is kept: its cells by name, the newest version of a name first. */
export interface StoredRow extends PlainRow {
  readonly primaryKey: readonly KeyCell<KeyValue>[];
  readonly cells: readonly StoredCell[];
}

/** The order in which cells are kept and answered. */
export function compareCells(one: StoredCell, other: StoredCell): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.timestamp === other.timestamp ? 0 : one.timestamp > other.timestamp ? -1 : 1;
}
