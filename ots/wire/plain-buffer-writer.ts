import { crc8, crc8Byte } from './crc8.ts';
import { HEADER, operationCodes, Tag, ValueType } from './plain-buffer-tags.ts';
import {
  AUTO_INCREMENT,
  type Cell,
  type ColumnValue,
  INF_MAX,
  INF_MIN,
  type KeyCell,
  type KeyMark,
  type PlainRow,
} from './row.ts';
import { WireError } from './wire-error.ts';

const marks = new Map<unknown, number>([
  [INF_MIN, ValueType.infMin],
  [INF_MAX, ValueType.infMax],
  [AUTO_INCREMENT, ValueType.autoIncrement],
]);

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/** Bytes that grow as they are written. */
class Bytes {
  #buffer = Buffer.allocUnsafe(512);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  reserve(more: number): Buffer {
    if (this.#length + more > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }

  byte(value: number): void {
    this.reserve(1)[this.#length++] = value;
  }

  int32(value: number): void {
    this.reserve(4).writeInt32LE(value, this.#length);
    this.#length += 4;
  }

  int64(value: bigint): void {
    this.reserve(8).writeBigInt64LE(value, this.#length);
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length).set(value, this.#length);
    this.#length += value.length;
  }

  /** The sum over what was written from `start` on. */
  crc8(crc: number, start: number): number {
    return crc8(crc, this.#buffer, start, this.#length);
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Rows as PlainBuffer: one header, then row after row. No rows are no bytes at all. */
export function encodeRows(rows: readonly PlainRow[]): Buffer {
  if (rows.length === 0) return Buffer.alloc(0);
  const out = new Bytes();
  out.int32(HEADER);
  for (const row of rows) writeRow(out, row);
  return out.done();
}

/** A value alone, as filters carry it: type and payload, without a length before them. */
export function encodeVariant(value: ColumnValue): Buffer {
  const out = new Bytes();
  out.bytes(payloadOf(value));
  return out.done();
}

function writeRow(out: Bytes, { primaryKey, cells, deleted = false, sequence }: PlainRow): void {
  let crc = 0;
  out.byte(Tag.primaryKey);
  for (const cell of primaryKey) crc = crc8Byte(crc, writeCell(out, cell));
  if (cells.length > 0) {
    out.byte(Tag.attributes);
    for (const cell of cells) crc = crc8Byte(crc, writeCell(out, cell));
  }
  if (deleted) out.byte(Tag.deleteMarker);
  crc = crc8Byte(crc, deleted ? 1 : 0);
  if (sequence !== undefined) {
    out.byte(Tag.extension);
    out.int32(24);
    out.byte(Tag.sequence);
    out.int32(19);
    out.byte(Tag.sequenceEpoch);
    out.int32(sequence.epoch);
    out.byte(Tag.sequenceTimestamp);
    out.int64(sequence.timestamp);
    out.byte(Tag.sequenceRowIndex);
    out.int32(sequence.rowIndex);
  }
  out.byte(Tag.rowChecksum);
  out.byte(crc);
}

/** Writes a cell and answers its checksum, which covers the timestamp before the operation, unlike the bytes. */
function writeCell(out: Bytes, { name, value, ...change }: KeyCell | Cell): number {
  const { timestamp, operation } = change as Omit<Cell, 'name' | 'value'>;
  out.byte(Tag.cell);
  out.byte(Tag.cellName);
  const nameBytes = Buffer.from(name);
  out.int32(nameBytes.length);
  let start = out.length;
  out.bytes(nameBytes);
  let crc = out.crc8(0, start);
  if (value !== undefined) {
    const payload = payloadOf(value);
    out.byte(Tag.cellValue);
    out.int32(payload.length);
    start = out.length;
    out.bytes(payload);
    crc = out.crc8(crc, start);
  }
  const code = operation === undefined ? undefined : operationCodes[operation];
  if (code !== undefined) {
    out.byte(Tag.cellOperation);
    out.byte(code);
  }
  if (timestamp !== undefined) {
    out.byte(Tag.cellTimestamp);
    start = out.length;
    out.int64(inRange(timestamp));
    crc = out.crc8(crc, start);
  }
  if (code !== undefined) crc = crc8Byte(crc, code);
  out.byte(Tag.cellChecksum);
  out.byte(crc);
  return crc;
}

/** A value's type byte and payload. */
function payloadOf(value: ColumnValue | KeyMark): Buffer {
  if (typeof value === 'string') return counted(ValueType.string, Buffer.from(value));
  if (Buffer.isBuffer(value)) return counted(ValueType.binary, value);
  if (typeof value === 'boolean') return Buffer.from([ValueType.boolean, value ? 1 : 0]);
  if (typeof value === 'symbol') return Buffer.from([marks.get(value) ?? 0]);
  const payload = Buffer.allocUnsafe(9);
  if (typeof value === 'bigint') {
    payload[0] = ValueType.integer;
    payload.writeBigInt64LE(inRange(value), 1);
  } else {
    if (!Number.isFinite(value)) throw new WireError(`${value} is no value of a column`);
    payload[0] = ValueType.double;
    payload.writeDoubleLE(value, 1);
  }
  return payload;
}

function counted(type: number, bytes: Buffer): Buffer {
  const payload = Buffer.allocUnsafe(5 + bytes.length);
  payload[0] = type;
  payload.writeInt32LE(bytes.length, 1);
  bytes.copy(payload, 5);
  return payload;
}

function inRange(value: bigint): bigint {
  if (value >= MIN_INTEGER && value <= MAX_INTEGER) return value;
  throw new WireError(`${value} is no 64-bit integer`);
}
