import type { CellValue, KeyMark, PlainRow } from '../../../ots/wire/row.ts';

const UNIT_BYTES = 4_096;

/** What an operation costs, as the messages carry it. */
export interface Consumed {
  readonly capacityUnit: { readonly read: number; readonly write: number };
}

/** The bytes that the service counts for a row: names and values. */
export function sizeOf({ primaryKey, cells }: PlainRow): number {
  let size = 0;
  for (const { name, value } of primaryKey) size += name.length + valueSize(value);
  for (const { name, value } of cells) size += name.length + (value === undefined ? 0 : valueSize(value));
  return size;
}

/** Units of 4 KB, one at least. */
const units = (bytes: number): number => Math.max(1, Math.ceil(bytes / UNIT_BYTES));

export const readCost = (bytes: number): Consumed => ({ capacityUnit: { read: units(bytes), write: 0 } });

/** A write that had to look at the row first is charged for that too. */
export const writeCost = (bytes: number, looked: boolean): Consumed => ({
  capacityUnit: { read: looked ? 1 : 0, write: units(bytes) },
});

function valueSize(value: CellValue | KeyMark): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Buffer.isBuffer(value)) return value.length;
  return typeof value === 'boolean' ? 1 : 8;
}
