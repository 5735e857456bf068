import type { ColumnValue } from '../ots/wire/row.ts';

/**
 * A column's value as JSON: texts, booleans and doubles as they are, integers as numbers where JavaScript keeps them
 * exact and else `{"integer": "9007199254740993"}`, bytes as `{"binary": "<base64>"}`, a double that JSON has no word for
 * as `{"double": "NaN"}`.
 */
export type PlainValue =
  | string
  | number
  | boolean
  | { readonly integer: string }
  | { readonly double: string }
  | { readonly binary: string };

export function plainValue(value: ColumnValue): PlainValue {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { double: String(value) };
  return Buffer.isBuffer(value) ? { binary: value.toString('base64') } : value;
}
