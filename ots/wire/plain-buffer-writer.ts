import { WireError } from '../errors.ts';
import { crc8, crc8Byte, operationCodes, PLAIN_BUFFER_HEADER, Tag, ValueType } from './plain-buffer-tags.ts';
import {
  AUTO_INCREMENT,
  type Cell,
  type CellValue,
  INF_MAX,
  INF_MIN,
  type KeyCell,
  type KeyMark,
  type PlainRow,
  type RecordSequence,
} from './row.ts';

const keyMarkTypes = new Map<unknown, number>([
  [INF_MIN, ValueType.infMin],
  [INF_MAX, ValueType.infMax],
  [AUTO_INCREMENT, ValueType.autoIncrement],
]);

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/** A buffer that grows. */
class ByteWriter {
  #buffer = Buffer.allocUnsafe(512);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  reserve(count: number): Buffer {
    if (this.#length + count > this.#buffer.length) this.#grow(count);
    return this.#buffer;
  }

  #grow(count: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
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

  double(value: number): void {
    this.reserve(8).writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  text(value: string): void {
    // UTF-8 needs at most three bytes for each UTF-16 unit.
    this.#length += this.reserve(value.length * 3).write(value, this.#length);
  }

  /** Writes a value after its length in bytes. Returns the offset of the value. */
  writeWithLength(write: () => void): number {
    const at = this.#length;
    this.int32(0);
    write();
    this.#buffer.writeInt32LE(this.#length - at - 4, at);
    return at + 4;
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length).set(value, this.#length);
    this.#length += value.length;
  }

  /** Continues the checksum `crc` with the bytes written since `start`. */
  crc8(crc: number, start: number): number {
    return crc8(crc, this.#buffer, start, this.#length);
  }

  toBuffer(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Encodes rows in PlainBuffer: one header, then the rows. Without rows, the result is empty. */
export function encodeRows(rows: readonly PlainRow[]): Buffer {
  if (rows.length === 0) return Buffer.alloc(0);
  const out = new ByteWriter();
  out.int32(PLAIN_BUFFER_HEADER);
  for (const row of rows) writeRow(out, row);
  return out.toBuffer();
}

/** Encodes a single value, as in filters: type and payload, without a length. */
export function encodeVariant(value: CellValue): Buffer {
  const out = new ByteWriter();
  writePayload(out, value);
  return out.toBuffer();
}

function writeRow(out: ByteWriter, { primaryKey, cells, deleted = false, sequence }: PlainRow): void {
  let crc = 0;
  out.byte(Tag.primaryKey);
  for (const cell of primaryKey) crc = crc8Byte(crc, writeCell(out, cell));
  if (cells.length > 0) {
    out.byte(Tag.attributes);
    for (const cell of cells) crc = crc8Byte(crc, writeCell(out, cell));
  }
  if (deleted) out.byte(Tag.deleteMarker);
  crc = crc8Byte(crc, deleted ? 1 : 0);
  if (sequence !== undefined) writeSequence(out, sequence);
  out.byte(Tag.rowChecksum);
  out.byte(crc);
}

function writeSequence(out: ByteWriter, { epoch, timestamp, rowIndex }: RecordSequence): void {
  out.byte(Tag.extension);
  out.int32(24);
  out.byte(Tag.sequence);
  out.int32(19);
  out.byte(Tag.sequenceEpoch);
  out.int32(epoch);
  out.byte(Tag.sequenceTimestamp);
  out.int64(timestamp);
  out.byte(Tag.sequenceRowIndex);
  out.int32(rowIndex);
}

/**
 * The length of the end of a row, which is the checksum and the tag before it. The checksum does not cover a record's
 * position.
 */
const ROW_END_BYTES = 2;

/** Inserts a record's position into the PlainBuffer of one row. The other bytes stay the same. */
export function withSequence(row: Buffer, sequence: RecordSequence): Buffer {
  const out = new ByteWriter();
  out.bytes(row.subarray(0, -ROW_END_BYTES));
  writeSequence(out, sequence);
  out.bytes(row.subarray(-ROW_END_BYTES));
  return out.toBuffer();
}

/**
 * Writes a cell and returns its checksum. In the bytes, the operation precedes the timestamp. The checksum covers the
 * timestamp first.
 */
function writeCell(out: ByteWriter, cell: KeyCell | Cell): number {
  const { name, value } = cell;
  const { timestamp, operation } = hasNoOptions(cell) ? NO_CELL_OPTIONS : cell;
  out.byte(Tag.cell);
  out.byte(Tag.cellName);
  let start = out.writeWithLength(() => out.text(name));
  let crc = out.crc8(0, start);
  if (value !== undefined) {
    out.byte(Tag.cellValue);
    start = out.writeWithLength(() => writePayload(out, value));
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
    out.int64(requireInt64(timestamp));
    crc = out.crc8(crc, start);
  }
  if (code !== undefined) crc = crc8Byte(crc, code);
  out.byte(Tag.cellChecksum);
  out.byte(crc);
  return crc;
}

const NO_CELL_OPTIONS: Pick<Cell, 'timestamp' | 'operation'> = {};

const hasNoOptions = (cell: KeyCell | Cell): cell is KeyCell =>
  !('timestamp' in cell || 'operation' in cell || cell.value === undefined);

/** Writes a value's type byte and payload. */
function writePayload(out: ByteWriter, value: CellValue | KeyMark): void {
  switch (typeof value) {
    case 'string':
      out.byte(ValueType.string);
      out.writeWithLength(() => out.text(value));
      return;
    case 'bigint':
      out.byte(ValueType.integer);
      out.int64(requireInt64(value));
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new WireError(`${value} is not allowed as a value of a column`);
      out.byte(ValueType.double);
      out.double(value);
      return;
    case 'boolean':
      out.byte(ValueType.boolean);
      out.byte(value ? 1 : 0);
      return;
    case 'symbol':
      out.byte(keyMarkTypes.get(value) ?? 0);
      return;
    default:
      out.byte(ValueType.binary);
      out.int32(value.length);
      out.bytes(value);
  }
}

function requireInt64(value: bigint): bigint {
  if (value >= MIN_INTEGER && value <= MAX_INTEGER) return value;
  throw new WireError(`${value} is not a 64-bit integer`);
}
