import {
  AUTO_INCREMENT,
  INF_MAX,
  INF_MIN,
  type KeyCell,
  type KeyMark,
  type KeyValue,
} from '../../../ots/wire/row.ts';
import { invalidKey, parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { KeyColumn, KeyType } from '../storage/table-record.ts';

type Value = KeyValue | KeyMark;

const typeNames: Readonly<Record<KeyType, string>> = {
  INTEGER: 'VT_INTEGER',
  STRING: 'VT_STRING',
  BINARY: 'VT_BLOB',
};

/** Checks the key of one row: every column has a value. Throws OTSParameterInvalid or OTSInvalidPK. */
export function checkRowKey(cells: readonly KeyCell[], schema: readonly KeyColumn[]): KeyCell<KeyValue>[] {
  checkSchema(cells, schema);
  return cells.map(({ name, value }) => {
    if (value === AUTO_INCREMENT) throw parameterInvalid("PKAutoIncr can't be used for read operations.");
    return { name, value: rejectRangeEnds(value) };
  });
}

/** Checks the key of a row to be written. An auto-increment column may have no value. */
export function checkNewKey(
  cells: readonly KeyCell[],
  schema: readonly KeyColumn[],
): KeyCell<KeyValue | typeof AUTO_INCREMENT>[] {
  checkSchema(cells, schema);
  return cells.map(({ name, value }, index) => {
    if (value !== AUTO_INCREMENT) return { name, value: rejectRangeEnds(value) };
    if (schema[index]?.autoIncrement !== true)
      throw invalidKey(`Primary key column '${name}' is not AUTO_INCREMENT.`);
    return { name, value };
  });
}

/** Checks the start or end of a range. Its columns may be INF_MIN and INF_MAX. */
export function checkRangeKey(cells: readonly KeyCell[], schema: readonly KeyColumn[]): readonly KeyCell[] {
  checkSchema(cells, schema);
  if (cells.some(({ value }) => value === AUTO_INCREMENT))
    throw parameterInvalid("PKAutoIncr can't be used for read operations.");
  return cells;
}

function checkSchema(cells: readonly KeyCell[], schema: readonly KeyColumn[]): void {
  if (cells.length !== schema.length)
    throw invalidKey(`Validate PK size fail. Input: ${cells.length}, Meta: ${schema.length}.`);
  for (const [index, { name, type }] of schema.entries()) {
    const cell = cells[index];
    if (cell?.name !== name)
      throw invalidKey(`Validate PK name fail. Input: ${cell?.name ?? ''}, Meta: ${name}.`);
    checkValue(cell, type);
  }
}

function checkValue({ name, value }: KeyCell, type: KeyType): void {
  if (typeof value === 'symbol') return;
  const given = typeOf(value);
  if (given !== type)
    throw invalidKey(`Validate PK type fail. Input: ${typeNames[given]}, Meta: ${typeNames[type]}.`);
  if (typeof value === 'bigint') return;
  const length = Buffer.byteLength(value);
  if (length > LIMITS.keyColumnBytes)
    throw parameterInvalid(
      `The length of primary key column: '${name}' exceeds the MaxLength:${LIMITS.keyColumnBytes} with CurrentLength:${length}.`,
    );
}

function rejectRangeEnds(value: Exclude<Value, typeof AUTO_INCREMENT>): KeyValue {
  if (value !== INF_MIN && value !== INF_MAX) return value;
  const name = value === INF_MIN ? 'INF_MIN' : 'INF_MAX';
  throw parameterInvalid(`${name} is an invalid type for the primary key.`);
}

function typeOf(value: KeyValue): KeyType {
  if (typeof value === 'bigint') return 'INTEGER';
  return typeof value === 'string' ? 'STRING' : 'BINARY';
}
