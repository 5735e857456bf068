import type { CellValue, KeyMark, PlainRow } from '../../../ots/wire/row.ts';

const UNIT_BYTES = 4_096;

/** The cost of an operation, as in its answer. */
export interface Consumed {
  readonly capacityUnit: { readonly read: number; readonly write: number };
}

/** Returns the size of a row as the service counts it: names and values, in bytes. */
export function sizeOf({ primaryKey, cells }: PlainRow): number {
  let size = 0;
  for (const { name, value } of primaryKey) size += name.length + valueSize(value);
  for (const { name, value } of cells) size += name.length + (value === undefined ? 0 : valueSize(value));
  return size;
}

/** Returns the number of units of 4 KB, at least 1. */
const units = (bytes: number): number => Math.max(1, Math.ceil(bytes / UNIT_BYTES));

export const readCost = (bytes: number): Consumed => ({ capacityUnit: { read: units(bytes), write: 0 } });

/** A write that reads the row first is also charged for the read. */
export const writeCost = (bytes: number, readsRow: boolean): Consumed => ({
  capacityUnit: { read: readsRow ? 1 : 0, write: units(bytes) },
});

function valueSize(value: CellValue | KeyMark): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Buffer.isBuffer(value)) return value.length;
  return typeof value === 'boolean' ? 1 : 8;
}
