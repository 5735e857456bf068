import { hash } from 'node:crypto';
import type { TunnelRecord } from '../ots/tunnel/record.ts';
import { encodeRows } from '../ots/wire/plain-buffer-writer.ts';
import type { Cell, KeyCell, KeyValue, RecordSequence } from '../ots/wire/row.ts';
import { type PlainValue, plainValue } from './plain-value.ts';

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
export interface ChangeData {
  readonly key: Readonly<Record<string, PlainValue>>;
  /** All columns for a put, the touched ones for an update (null: deleted), none for a delete. */
  readonly columns: Readonly<Record<string, PlainValue | null>>;
  /** Old values, where the table's stream is set up to tell them. */
  readonly before?: Readonly<Record<string, PlainValue | null>>;
  readonly operation: Operation;
  /** It was there before the source was: nothing has changed. */
  readonly base?: true;
}

export type Operation = 'put' | 'update' | 'delete';

export interface ChangeEvent {
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly body: string;
}

const operations = { PUT_ROW: 'put', UPDATE_ROW: 'update', DELETE_ROW: 'delete' } as const;

/**
 * The event of a record. Its id follows from the row's key and the change's place alone, so that it is the same
 * whenever and through whatever channel the record comes again.
 */
export function changeEvent(record: TunnelRecord, origin: EventOrigin): ChangeEvent {
  const { action, primaryKey, cells, sequence, before } = record;
  const operation = operations[action];
  const row = keyHash(primaryKey);
  const data: ChangeData = {
    key: Object.fromEntries(primaryKey.map(({ name, value }) => [name, plainValue(value)])),
    columns: columnsOf(cells),
    ...(before === undefined ? {} : { before: columnsOf(before) }),
    operation,
    ...(sequence === undefined ? { base: true } : {}),
  };
  const extensions: Record<string, string> = {};
  for (const [attribute, column] of origin.extensions) {
    const cell = primaryKey.find(({ name }) => name === column);
    // An attribute without a value is none.
    if (cell !== undefined && cell.value !== '') extensions[attribute] = textOf(cell.value);
  }
  const place =
    sequence === undefined ? `base:${hex(BigInt.asUintN(64, newest(cells)), 16)}` : placeOf(sequence);
  return {
    attributes: {
      specversion: '1.0',
      id: `${place}:${row}`,
      source: `/tablestore/${encodeURIComponent(origin.instance)}/${encodeURIComponent(origin.table)}`,
      type: `tablestore.row.${operation}`,
      subject: primaryKey.map(({ name, value }) => `${name}=${subjectValue(value)}`).join(','),
      time: timeOf(sequence?.timestamp ?? newest(cells) * 1_000n),
      datacontenttype: 'application/json',
      ...extensions,
      partitionkey: row,
      ...(sequence === undefined ? { basedata: true } : { sequence: place }),
      ...origin.overrides,
    },
    body: JSON.stringify(data),
  };
}

/** The row that a record is of, as a text by which records can be grouped. */
export const rowOf = ({ primaryKey }: TunnelRecord): string =>
  JSON.stringify(primaryKey.map(({ value }) => [typeof value, textOf(value)]));

/** 16 hex digits of SHA-256 over the key as PlainBuffer, in which types differ. */
const keyHash = (primaryKey: readonly KeyCell<KeyValue>[]): string =>
  hash('sha256', encodeRows([{ primaryKey, cells: [] }])).slice(0, 16);

/** A change's place as the vendor's SDKs print it; texts compare as the places do. */
const placeOf = ({ epoch, timestamp, rowIndex }: RecordSequence): string =>
  `${hex(BigInt(epoch), 8)}:${hex(timestamp, 16)}:${hex(BigInt(rowIndex), 8)}`;

const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, '0');

/** Of several versions of a column the newest is told. */
function columnsOf(cells: readonly Cell[]): Record<string, PlainValue | null> {
  const told: Record<string, PlainValue | null> = {};
  for (const { name, value } of cells) {
    // `__proto__` is a name that a column may have.
    if (name in told) return newestOf(cells);
    told[name] = value === undefined ? null : plainValue(value);
  }
  return told;
}

function newestOf(cells: readonly Cell[]): Record<string, PlainValue | null> {
  const told = new Map<string, Cell>();
  for (const cell of cells) {
    const other = told.get(cell.name);
    if (other === undefined || (cell.timestamp ?? 0n) > (other.timestamp ?? 0n)) told.set(cell.name, cell);
  }
  return Object.fromEntries(
    [...told].map(([name, { value }]) => [name, value === undefined ? null : plainValue(value)]),
  );
}

const newest = (cells: readonly Cell[]): bigint =>
  cells.reduce((latest, { timestamp = 0n }) => (timestamp > latest ? timestamp : latest), 0n);

const textOf = (value: KeyValue): string =>
  Buffer.isBuffer(value) ? value.toString('base64') : String(value);

/** `,`, `=` and `%` in a value would make two keys look alike. */
const subjectValue = (value: KeyValue): string => textOf(value).replace(/[%,=]/g, encodeURIComponent);

/** The last microsecond that RFC 3339 can say. */
const LATEST = 253_402_300_799_999_999n;

/** RFC 3339 to the microsecond. A column's version is a number of the writer's choice, which need not be a time. */
function timeOf(micros: bigint): string {
  const at = micros < 0n ? 0n : micros > LATEST ? LATEST : micros;
  const text = new Date(Number(at / 1_000n)).toISOString();
  return `${text.slice(0, -1)}${String(at % 1_000n).padStart(3, '0')}Z`;
}
