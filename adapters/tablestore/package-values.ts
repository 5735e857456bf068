import TableStore from 'tablestore';
import { InvalidInput } from '../../domain/errors.ts';
import type { ColumnSchema, ColumnType, ColumnValue, Row, Table } from '../../ports/table.ts';

/** A value of the npm package `tablestore`. Integers have their own class, because a number would be a double. */
export type PackageValue = string | number | boolean | Buffer | object;

export type PackageKey = readonly Readonly<Record<string, PackageValue>>[];

/** A row of the package. A missing row has no key. */
export interface PackageRow {
  readonly primaryKey?: readonly { readonly name: string; readonly value: PackageValue }[] | null;
  readonly attributes?: readonly { readonly columnName: string; readonly columnValue: PackageValue }[] | null;
}

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Checks the values of each column type. A returned text says what is wrong with the value. */
const VALUE_CHECKS: Readonly<Record<ColumnType, (value: unknown) => string | undefined>> = {
  text: (value) =>
    typeof value !== 'string'
      ? 'not a text'
      : LONE_SURROGATE.test(value)
        ? 'not valid Unicode: it has a lone surrogate'
        : undefined,
  integer: (value) =>
    typeof value === 'bigint' && value >= MIN_INTEGER && value <= MAX_INTEGER
      ? undefined
      : 'not a 64-bit bigint',
  double: (value) => (Number.isFinite(value) ? undefined : 'not a finite number'),
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'neither true nor false'),
  binary: (value) => (Buffer.isBuffer(value) ? undefined : 'not a Buffer'),
};

/** The name of a row in messages: `weather adcode=110000,date=2026-11-22`. */
export function rowText(table: Table, key: Readonly<Record<string, unknown>>): string {
  const cells = Object.entries(key).map(([name, value]) => `${name}=${valueText(value)}`);
  return cells.length === 0 ? table.name : `${table.name} ${cells.join(',')}`;
}

/** A text that is unique for each key of a table. */
export const keyId = (table: Table, key: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.keys(table.key).map((name) => {
      const value = key[name];
      return Buffer.isBuffer(value) ? ['binary', value.toString('base64')] : [typeof value, String(value)];
    }),
  );

const valueText = (value: unknown): string => {
  const text = Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};

/** Converts a value to the package's type. Throws InvalidInput `ColumnValue` if the column cannot hold it. */
export function toPackageValue(
  schema: ColumnSchema,
  column: string,
  value: unknown,
  subject: string,
): PackageValue {
  checkValue(schema, column, value, subject);
  return packValue(value);
}

function checkValue(
  schema: ColumnSchema,
  column: string,
  value: unknown,
  subject: string,
): asserts value is ColumnValue {
  const type = columnTypeOf(schema, column, subject);
  const problem = VALUE_CHECKS[type](value);
  if (problem !== undefined)
    throw new InvalidInput(
      'ColumnValue',
      `${subject}: column ${column} (${type}) is ${valueText(value)}: ${problem}`,
    );
}

/** Returns a column's declared type. Throws InvalidInput `ColumnValue` for an undeclared column. */
export function columnTypeOf(schema: ColumnSchema, column: string, subject: string): ColumnType {
  const type = Object.hasOwn(schema, column) ? schema[column] : undefined;
  if (type === undefined)
    throw new InvalidInput(
      'ColumnValue',
      `${subject}: column ${column} does not exist; the columns are ${Object.keys(schema).join(', ')}`,
    );
  return type;
}

const packValue = (value: ColumnValue): PackageValue =>
  typeof value === 'bigint' ? TableStore.Long.fromString(String(value)) : value;

/** Integers are converted through their text, which is exact. */
const unpackValue = (value: PackageValue): ColumnValue =>
  typeof value === 'object' && !Buffer.isBuffer(value) ? BigInt(String(value)) : value;

/** A complete key in the package's form, in the table's order. */
export function toPackageKey(
  table: Table,
  key: Readonly<Record<string, unknown>>,
  action: string,
): PackageKey {
  const subject = `${action} ${rowText(table, key)}`;
  for (const column of Object.keys(key)) columnTypeOf(table.key, column, subject);
  return Object.keys(table.key).map((column) => ({
    [column]: toPackageValue(table.key, column, key[column], subject),
  }));
}

/**
 * Converts a row of the package to the types of the table. Omits columns with undeclared names or types. Throws
 * InvalidInput `ColumnValue` if the key does not have the declared type.
 */
export function fromPackageRow<K extends Table['key'], C extends ColumnSchema>(
  table: Table<K, C>,
  { primaryKey, attributes }: PackageRow,
): Row<K, C> | undefined {
  if (primaryKey == null || primaryKey.length === 0) return undefined;
  const key = Object.fromEntries(primaryKey.map(({ name, value }) => [name, unpackValue(value)]));
  const subject = `reading ${rowText(table, key)}`;
  const columns: [string, ColumnValue][] = [];
  for (const { columnName, columnValue } of attributes ?? []) {
    const type = Object.hasOwn(table.columns, columnName) ? table.columns[columnName] : undefined;
    const value = unpackValue(columnValue);
    // A row that was written by hand must not make other rows unreadable.
    if (type !== undefined && VALUE_CHECKS[type](value) === undefined) columns.push([columnName, value]);
  }
  for (const [column, value] of Object.entries(key)) checkValue(table.key, column, value, subject);
  // All values were checked against the declaration.
  return { key, columns: Object.fromEntries(columns) } as unknown as Row<K, C>;
}
