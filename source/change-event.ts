import { hash } from 'node:crypto';
import type { TunnelRecord } from '../ots/tunnel/tunnel-record.ts';
import { encodeRows } from '../ots/wire/plain-buffer-writer.ts';
import type { Cell, CellValue, KeyCell, KeyValue, RecordSequence } from '../ots/wire/row.ts';
import { keyAttributeValue, rowSubject } from './key-attributes.ts';

/** Where records come from, and what of their keys becomes extension attributes. */
export interface EventOrigin {
  readonly instance: string;
  readonly table: string;
  /** Key columns by the attribute's name. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Attributes that the platform wants on every event (`K_CE_OVERRIDES`). */
  readonly overrides: Readonly<Record<string, string>>;
}

/** What the data of an event says. */
interface ChangeData {
  readonly key: Readonly<Record<string, PlainValue>>;
  /** All columns for a put, the touched ones for an update (null: deleted as a whole), none for a delete. */
  readonly columns: Readonly<Record<string, PlainValue | null>>;
  /**
   * Columns of which single versions were deleted, with those versions (epoch ms, by default): what value they have now
   * only the table can say.
   */
  readonly deletedVersions?: Readonly<Record<string, readonly PlainValue[]>>;
  /** Old values, where the table's stream is set up to tell them. */
  readonly before?: Readonly<Record<string, PlainValue | null>>;
  readonly operation: RowOperation;
  /** It was there before the source was: nothing has changed. */
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
 * The event of a record. Its id follows from the row's key and the change's place alone, so that it is the same
 * whenever and through whatever channel the record comes again.
 */
export function changeEvent(record: TunnelRecord, origin: EventOrigin): ChangeEvent {
  const { action, primaryKey, cells, sequence, before } = record;
  const operation = OPERATION_BY_ACTION[action];
  const row = keyHash(primaryKey);
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
    id: `${position}:${row}`,
    source: sourceOf(origin),
    type: `tablestore.row.${operation}`,
    subject: rowSubject(primaryKey, row),
    datacontenttype: 'application/json',
  };
  // A row without columns has no version, and so no time.
  if (sequence !== undefined) attributes.time = formatTime(sequence.timestamp);
  else if (cells.length > 0) attributes.time = formatTime(newestTimestamp(cells) * 1_000n);
  for (const [attribute, column] of origin.extensions) {
    const cell = primaryKey.find(({ name }) => name === column);
    const text = cell === undefined ? undefined : keyAttributeValue(cell.value);
    if (text !== undefined) attributes[attribute] = text;
  }
  attributes.partitionkey = row;
  if (sequence === undefined) {
    data.base = true;
    attributes.basedata = true;
  } else attributes.sequence = position;
  Object.assign(attributes, origin.overrides);
  return { attributes, body: JSON.stringify(data), data };
}

/** When a change was committed, in epoch ms; undefined for what was there before: nobody waits for that. */
export const committedMsOf = ({ sequence }: TunnelRecord): number | undefined =>
  sequence === undefined ? undefined : Number(sequence.timestamp / 1_000n);

/** What is filled in piece by piece: each change is one of very many, and spreading costs more than all of this. */
type Mutable<T> = { -readonly [N in keyof T]: T[N] };

const sourceCache = new WeakMap<EventOrigin, string>();

function sourceOf(origin: EventOrigin): string {
  const known = sourceCache.get(origin);
  if (known !== undefined) return known;
  const source = `/tablestore/${encodeURIComponent(origin.instance)}/${encodeURIComponent(origin.table)}`;
  sourceCache.set(origin, source);
  return source;
}

function keyOf(primaryKey: readonly KeyCell<KeyValue>[]): Record<string, PlainValue> {
  return Object.fromEntries(primaryKey.map(({ name, value }) => [name, plainValue(value)]));
}

/** 16 hex digits of SHA-256 over the key as PlainBuffer, in which types differ. */
const keyHash = (primaryKey: readonly KeyCell<KeyValue>[]): string =>
  hash('sha256', encodeRows([{ primaryKey, cells: [] }])).slice(0, 16);

/** A change's place as the vendor's SDKs print it; texts compare as the places do. */
const positionOf = ({ epoch, timestamp, rowIndex }: RecordSequence): string =>
  `${hex(epoch, 8)}:${hex(timestamp, 16)}:${hex(rowIndex, 8)}`;

const hex = (value: bigint | number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Of several versions of a column the newest is told. */
function columnsOf(cells: readonly Cell[]): Record<string, PlainValue | null> {
  const columns: Record<string, PlainValue | null> = {};
  for (const { name, value, operation } of cells) {
    if (operation === 'delete version') continue;
    // `__proto__` is a name that a column may have.
    if (name in columns) return newestColumnsOf(cells);
    columns[name] = value === undefined ? null : plainValue(value);
  }
  return columns;
}

function newestColumnsOf(cells: readonly Cell[]): Record<string, PlainValue | null> {
  const newestCells = new Map<string, Cell>();
  for (const cell of cells) {
    if (cell.operation === 'delete version') continue;
    const other = newestCells.get(cell.name);
    if (other === undefined || (cell.timestamp ?? 0n) > (other.timestamp ?? 0n))
      newestCells.set(cell.name, cell);
  }
  return Object.fromEntries(
    [...newestCells].map(([name, { value }]) => [name, value === undefined ? null : plainValue(value)]),
  );
}

function deletedVersionsOf(cells: readonly Cell[]): Record<string, PlainValue[]> | undefined {
  let versionsByColumn: Map<string, PlainValue[]> | undefined;
  for (const { name, operation, timestamp = 0n } of cells) {
    if (operation !== 'delete version') continue;
    versionsByColumn ??= new Map();
    const versions = versionsByColumn.get(name) ?? [];
    versions.push(plainValue(timestamp));
    versionsByColumn.set(name, versions);
  }
  return versionsByColumn && Object.fromEntries(versionsByColumn);
}

const newestTimestamp = (cells: readonly Cell[]): bigint =>
  cells.reduce((latest, { timestamp = 0n }) => (timestamp > latest ? timestamp : latest), 0n);

/** The last microsecond that RFC 3339 can say. */
const MAX_MICROS = 253_402_300_799_999_999n;

/** RFC 3339 to the microsecond. A column's version is a number of the writer's choice, which need not be a time. */
function formatTime(micros: bigint): string {
  const at = micros < 0n ? 0n : micros > MAX_MICROS ? MAX_MICROS : micros;
  const second = Number(at / 1_000_000n);
  // Changes of the same second follow each other.
  if (second !== lastSecond.second)
    lastSecond = { second, text: new Date(second * 1_000).toISOString().slice(0, -4) };
  return `${lastSecond.text}${String(at % 1_000_000n).padStart(6, '0')}Z`;
}

let lastSecond = { second: 0, text: '1970-01-01T00:00:00.' };

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

export function plainValue(value: CellValue): PlainValue {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { double: String(value) };
  return Buffer.isBuffer(value) ? { binary: value.toString('base64') } : value;
}
