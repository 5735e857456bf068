import { hash } from 'node:crypto';
import type { TunnelRecord } from '../ots/tunnel/tunnel-record.ts';
import { encodeRows } from '../ots/wire/plain-buffer-writer.ts';
import type { Cell, CellValue, KeyCell, KeyValue, RecordSequence } from '../ots/wire/row.ts';
import { keyAttributeValue, rowSubject } from './key-attributes.ts';

/** Where records come from, and which key columns become extension attributes. */
export interface EventOrigin {
  readonly instance: string;
  readonly table: string;
  /** Maps attribute names to key columns. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Attributes that the platform adds to every event (`K_CE_OVERRIDES`). */
  readonly overrides: Readonly<Record<string, string>>;
}

/** The data of an event. */
interface ChangeData {
  readonly key: Readonly<Record<string, JsonValue>>;
  /** Put: all columns. Update: the changed columns; null if a column was deleted. Delete: empty. */
  readonly columns: Readonly<Record<string, JsonValue | null>>;
  /**
   * The columns that lost single versions, each with the deleted versions (timestamps; epoch ms by default). The event
   * does not contain the current value of such a column: only the table has it.
   */
  readonly deletedVersions?: Readonly<Record<string, readonly JsonValue[]>>;
  /** Old values, if the table's stream is set up to include them. */
  readonly before?: Readonly<Record<string, JsonValue | null>>;
  readonly operation: RowOperation;
  /** True if the row existed before the tunnel. Then the event is about no change. */
  readonly base?: true;
}

type RowOperation = 'put' | 'update' | 'delete';

export interface ChangeEvent {
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly body: string;
  readonly data: ChangeData;
}

const OPERATION_BY_ACTION = { PUT_ROW: 'put', UPDATE_ROW: 'update', DELETE_ROW: 'delete' } as const;

/**
 * Returns the event of a record. The event's id depends only on the row's key and the position of the change. So the
 * id is the same for every redelivery, through any channel.
 */
export function changeEvent(record: TunnelRecord, origin: EventOrigin): ChangeEvent {
  const { action, primaryKey, cells, sequence, before } = record;
  const operation = OPERATION_BY_ACTION[action];
  const rowHash = keyHash(primaryKey);
  const data: Mutable<ChangeData> = { key: keyOf(primaryKey), columns: columnsOf(cells), operation };
  const deleted = deletedVersionsOf(cells);
  if (deleted !== undefined) data.deletedVersions = deleted;
  if (before !== undefined) data.before = columnsOf(before);
  const position =
    sequence === undefined
      ? `base:${hex(BigInt.asUintN(64, newestTimestamp(cells)), 16)}`
      : positionOf(sequence);
  const attributes: Record<string, string | number | boolean> = {
    specversion: '1.0',
    id: `${position}:${rowHash}`,
    source: sourceOf(origin),
    type: `tablestore.row.${operation}`,
    subject: rowSubject(primaryKey, rowHash),
    datacontenttype: 'application/json',
  };
  // A row without columns has no version and therefore no time.
  if (sequence !== undefined) attributes.time = formatTime(sequence.timestamp);
  else if (cells.length > 0) attributes.time = formatTime(newestTimestamp(cells) * 1_000n);
  for (const [attribute, column] of origin.extensions) {
    const cell = primaryKey.find(({ name }) => name === column);
    const text = cell === undefined ? undefined : keyAttributeValue(cell.value);
    if (text !== undefined) attributes[attribute] = text;
  }
  attributes.partitionkey = rowHash;
  if (sequence === undefined) {
    data.base = true;
    attributes.basedata = true;
  } else attributes.sequence = position;
  Object.assign(attributes, origin.overrides);
  return { attributes, body: JSON.stringify(data), data };
}

/** Returns the commit time of a change in epoch ms. Undefined for base data, which does not count in the lag. */
export const committedMsOf = ({ sequence }: TunnelRecord): number | undefined =>
  sequence === undefined ? undefined : Number(sequence.timestamp / 1_000n);

/**
 * Allows filling an object step by step. Spread syntax for each change would take more time than all other code of
 * this file.
 */
type Mutable<T> = { -readonly [N in keyof T]: T[N] };

const sourceCache = new WeakMap<EventOrigin, string>();

function sourceOf(origin: EventOrigin): string {
  const known = sourceCache.get(origin);
  if (known !== undefined) return known;
  const source = `/tablestore/${encodeURIComponent(origin.instance)}/${encodeURIComponent(origin.table)}`;
  sourceCache.set(origin, source);
  return source;
}

function keyOf(primaryKey: readonly KeyCell<KeyValue>[]): Record<string, JsonValue> {
  return Object.fromEntries(primaryKey.map(({ name, value }) => [name, jsonValueOf(value)]));
}

/** 16 hex digits of SHA-256 over the key in PlainBuffer, which also encodes the types. */
const keyHash = (primaryKey: readonly KeyCell<KeyValue>[]): string =>
  hash('sha256', encodeRows([{ primaryKey, cells: [] }])).slice(0, 16);

/** A change's position in the format of the vendor's SDKs. Sorting the texts sorts the positions. */
const positionOf = ({ epoch, timestamp, rowIndex }: RecordSequence): string =>
  `${hex(epoch, 8)}:${hex(timestamp, 16)}:${hex(rowIndex, 8)}`;

const hex = (value: bigint | number, digits: number): string => value.toString(16).padStart(digits, '0');

/** If a column has several versions, the newest is used. */
function columnsOf(cells: readonly Cell[]): Record<string, JsonValue | null> {
  const columns: Record<string, JsonValue | null> = {};
  for (const { name, value, operation } of cells) {
    if (operation === 'delete version') continue;
    // `in` is also true for inherited names such as `__proto__`. This does no harm, because `newestColumnsOf` also
    // returns the correct result for a column with such a name.
    if (name in columns) return newestColumnsOf(cells);
    columns[name] = value === undefined ? null : jsonValueOf(value);
  }
  return columns;
}

function newestColumnsOf(cells: readonly Cell[]): Record<string, JsonValue | null> {
  const newestCells = new Map<string, Cell>();
  for (const cell of cells) {
    if (cell.operation === 'delete version') continue;
    const other = newestCells.get(cell.name);
    if (other === undefined || (cell.timestamp ?? 0n) > (other.timestamp ?? 0n))
      newestCells.set(cell.name, cell);
  }
  return Object.fromEntries(
    [...newestCells].map(([name, { value }]) => [name, value === undefined ? null : jsonValueOf(value)]),
  );
}

function deletedVersionsOf(cells: readonly Cell[]): Record<string, JsonValue[]> | undefined {
  let versionsByColumn: Map<string, JsonValue[]> | undefined;
  for (const { name, operation, timestamp = 0n } of cells) {
    if (operation !== 'delete version') continue;
    versionsByColumn ??= new Map();
    const versions = versionsByColumn.get(name) ?? [];
    versions.push(jsonValueOf(timestamp));
    versionsByColumn.set(name, versions);
  }
  return versionsByColumn && Object.fromEntries(versionsByColumn);
}

const newestTimestamp = (cells: readonly Cell[]): bigint =>
  cells.reduce((latest, { timestamp = 0n }) => (timestamp > latest ? timestamp : latest), 0n);

/** The last microsecond that RFC 3339 can represent. */
const MAX_MICROS = 253_402_300_799_999_999n;

/**
 * Formats a time as RFC 3339 with microseconds. Limits it to valid times, because a writer can use any version
 * number.
 */
function formatTime(micros: bigint): string {
  const at = micros < 0n ? 0n : micros > MAX_MICROS ? MAX_MICROS : micros;
  const second = Number(at / 1_000_000n);
  // Successive changes often have the same second.
  if (second !== lastSecond.second)
    lastSecond = { second, text: new Date(second * 1_000).toISOString().slice(0, -4) };
  return `${lastSecond.text}${String(at % 1_000_000n).padStart(6, '0')}Z`;
}

let lastSecond = { second: 0, text: '1970-01-01T00:00:00.' };

/**
 * A column's value as JSON. Strings, booleans and doubles stay as they are. Integers are numbers if JavaScript keeps
 * them exact, otherwise `{"integer": "9007199254740993"}`. Bytes are `{"binary": "<base64>"}`. Doubles that JSON cannot
 * represent are `{"double": "NaN"}`.
 */
export type JsonValue =
  | string
  | number
  | boolean
  | { readonly integer: string }
  | { readonly double: string }
  | { readonly binary: string };

export function jsonValueOf(value: CellValue): JsonValue {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { double: String(value) };
  return Buffer.isBuffer(value) ? { binary: value.toString('base64') } : value;
}
