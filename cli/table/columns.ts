import type { Cell, CellValue, KeyCell, KeyValue } from '../../ots/wire/row.ts';
import { UsageError } from '../command.ts';
import { readJsonValue } from './json-value.ts';

const COLUMN_ARGUMENT = /^([A-Za-z_][A-Za-z0-9_]*)(:?=)(.*)$/s;

/** Parses `column=text` and `column:=json`. Throws UsageError. */
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

/** Removes the complete key from the columns and returns it. Throws UsageError if a key column is missing. */
export function takeKey(columns: Map<string, CellValue>, keyColumns: readonly string[]): KeyCell<KeyValue>[] {
  const missing = keyColumns.filter((name) => !columns.has(name));
  if (missing.length > 0)
    throw new UsageError(`the key is ${keyColumns.join(', ')}; missing: ${missing.join(', ')}`);
  return takePrefix(columns, keyColumns);
}

/** Removes the first key columns, up to the first missing one, and returns them. */
export function takePrefix(
  columns: Map<string, CellValue>,
  keyColumns: readonly string[],
): KeyCell<KeyValue>[] {
  const cells: KeyCell<KeyValue>[] = [];
  for (const name of keyColumns) {
    const value = columns.get(name);
    if (value === undefined) break;
    if (typeof value === 'number' || typeof value === 'boolean')
      throw new UsageError(`key column ${name} is ${String(value)}; allowed: a text, an integer or bytes`);
    columns.delete(name);
    cells.push({ name, value });
  }
  return cells;
}

/** Throws UsageError if columns are left. */
export function rejectExtraColumns(
  columns: ReadonlyMap<string, unknown>,
  keyColumns: readonly string[],
): void {
  const [extra] = columns.keys();
  if (extra !== undefined)
    throw new UsageError(
      `column ${extra} is not allowed here; allowed: the first columns of the key ${keyColumns.join(', ')}`,
    );
}

export const cellsOf = (columns: ReadonlyMap<string, CellValue>): Cell[] =>
  [...columns].map(([name, value]) => ({ name, value }));
