import type { Cell, CellValue, KeyCell, KeyValue } from '../../ots/wire/row.ts';
import { UsageError } from '../command.ts';
import { readJsonValue } from './json-value.ts';

const COLUMN_ARGUMENT = /^([A-Za-z_][A-Za-z0-9_]*)(:?=)(.*)$/s;

/** Reads `column=text` and `column:=json`; throws UsageError. */
export function readColumns(words: readonly string[]): Map<string, CellValue> {
  const columns = new Map<string, CellValue>();
  for (const word of words) {
    const [, name, sign, text = ''] = COLUMN_ARGUMENT.exec(word) ?? [];
    if (name === undefined) throw new UsageError(`${JSON.stringify(word)} is not column=value`);
    if (columns.has(name)) throw new UsageError(`column ${name} is given twice`);
    columns.set(name, sign === '=' ? text : readJsonValue(name, text));
  }
  return columns;
}

/** Takes the whole key out of the columns; throws UsageError when a part of it is missing. */
export function takeKey(columns: Map<string, CellValue>, keys: readonly string[]): KeyCell<KeyValue>[] {
  const missing = keys.filter((name) => !columns.has(name));
  if (missing.length > 0)
    throw new UsageError(`the key is ${keys.join(', ')}; missing: ${missing.join(', ')}`);
  return takePrefix(columns, keys);
}

/** Takes as much of the key out of the columns as is there without a gap. */
export function takePrefix(columns: Map<string, CellValue>, keys: readonly string[]): KeyCell<KeyValue>[] {
  const cells: KeyCell<KeyValue>[] = [];
  for (const name of keys) {
    const value = columns.get(name);
    if (value === undefined) break;
    if (typeof value === 'number' || typeof value === 'boolean')
      throw new UsageError(`key column ${name} is ${String(value)}, it can be a text, an integer or bytes`);
    columns.delete(name);
    cells.push({ name, value });
  }
  return cells;
}

/** Refuses columns that have no meaning here. */
export function rejectExtraColumns(columns: ReadonlyMap<string, unknown>, keys: readonly string[]): void {
  const [extra] = columns.keys();
  if (extra !== undefined)
    throw new UsageError(`${extra} is given, the key is ${keys.join(', ')}, from the first on`);
}

export const cellsOf = (columns: ReadonlyMap<string, CellValue>): Cell[] =>
  [...columns].map(([name, value]) => ({ name, value }));
