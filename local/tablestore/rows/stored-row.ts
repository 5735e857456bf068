import type { CellValue, KeyCell, KeyValue, PlainRow } from '../../../ots/wire/row.ts';

/** A stored version of a column. The timestamp is in ms. */
export interface StoredCell {
  readonly name: string;
  readonly value: CellValue;
  readonly timestamp: bigint;
}

/** A stored row. Its cells are ordered by name, the newest version of a name first. */
export interface StoredRow extends PlainRow {
  readonly primaryKey: readonly KeyCell<KeyValue>[];
  readonly cells: readonly StoredCell[];
}

/** The order of cells in storage and in answers. */
export function compareCells(one: StoredCell, other: StoredCell): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.timestamp === other.timestamp ? 0 : one.timestamp > other.timestamp ? -1 : 1;
}
