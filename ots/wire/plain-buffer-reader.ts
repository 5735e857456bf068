import { WireError } from '../errors.ts';
import { PlainBufferInput } from './plain-buffer-input.ts';
import { crc8, crc8Byte, operationCodes, PLAIN_BUFFER_HEADER, Tag, ValueType } from './plain-buffer-tags.ts';
import {
  AUTO_INCREMENT,
  type Cell,
  type CellOperation,
  type CellValue,
  INF_MAX,
  INF_MIN,
  type KeyCell,
  type KeyMark,
  type PlainRow,
  type RecordSequence,
} from './row.ts';

const operations = new Map(
  Object.entries(operationCodes).map(([name, code]) => [code, name as CellOperation]),
);

interface Bounds {
  /** The maximum number of rows. */
  readonly rows?: number;
}

/**
 * Reads all rows of a PlainBuffer. Empty bytes have no rows. The Node.js SDK sends its whole buffer, which is longer
 * than the rows. So zeros may follow the last row, but nothing else.
 * @throws WireError if the bytes are invalid or a checksum does not match
 */
export function decodeRows(
  bytes: Uint8Array,
  { rows: limit = Number.POSITIVE_INFINITY }: Bounds = {},
): PlainRow[] {
  if (bytes.length === 0) return [];
  const input = new PlainBufferInput(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const header = input.int32();
  if (header !== PLAIN_BUFFER_HEADER)
    throw new WireError(`the row begins with ${header} instead of PlainBuffer's header`);
  const rows: PlainRow[] = [];
  while (input.peek() !== Tag.end) {
    if (rows.length === limit) throw new WireError(`there are more than ${limit} rows`);
    rows.push(readRow(input));
  }
  input.expectZeros();
  return rows;
}

/** Reads exactly one row. Throws WireError if there are none or several. */
export function decodeRow(bytes: Uint8Array): PlainRow {
  const [row] = decodeRows(bytes, { rows: 1 });
  if (row === undefined) throw new WireError('the row is empty');
  return row;
}

/** Reads a single value, as in filters. Zeros may follow. */
export function decodeVariant(bytes: Uint8Array): CellValue {
  const input = new PlainBufferInput(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const value = readPayload(input, input.byte());
  if (typeof value === 'symbol')
    throw new WireError('INF_MIN, INF_MAX and AUTO_INCREMENT are not values to compare with');
  input.expectZeros();
  return value;
}

function readRow(input: PlainBufferInput): PlainRow {
  const sums = { crc: 0 };
  input.expect(Tag.primaryKey, 'the primary key');
  const primaryKey: KeyCell[] = [];
  while (input.peek() === Tag.cell) primaryKey.push(toKeyCell(readCell(input, sums)));
  const cells: Cell[] = [];
  if (input.consumeIf(Tag.attributes))
    while (input.peek() === Tag.cell) cells.push(toCell(readCell(input, sums)));
  const deleted = input.consumeIf(Tag.deleteMarker);
  const sequence = input.consumeIf(Tag.extension) ? readExtension(input) : undefined;
  input.expect(Tag.rowChecksum, 'the row’s checksum');
  if (input.byte() !== crc8Byte(sums.crc, deleted ? 1 : 0))
    throw new WireError('the row’s checksum does not match');
  const row: Mutable<PlainRow> = { primaryKey, cells };
  if (deleted) row.deleted = true;
  if (sequence !== undefined) row.sequence = sequence;
  return row;
}

/** For objects that are filled step by step. */
type Mutable<T> = { -readonly [N in keyof T]: T[N] };

interface ReadCell extends Omit<Cell, 'value'> {
  readonly value?: CellValue | KeyMark | undefined;
}

function toKeyCell({ name, value, timestamp, operation }: ReadCell): KeyCell {
  if (timestamp !== undefined || operation !== undefined)
    throw new WireError(`key column ${quoted(name)} has a version`);
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined)
    throw new WireError(`the value of key column ${quoted(name)} is not an integer, string or binary`);
  return { name, value };
}

function toCell(cell: ReadCell): Cell {
  if (isAttribute(cell)) return cell;
  throw new WireError(`column ${quoted(cell.name)} has a value that is only allowed in keys`);
}

const isAttribute = (cell: ReadCell): cell is Cell => typeof cell.value !== 'symbol';

function readCell(input: PlainBufferInput, sums: { crc: number }): ReadCell {
  input.expect(Tag.cell, 'a cell');
  input.expect(Tag.cellName, 'a cell’s name');
  const length = input.int32();
  const nameAt = input.at;
  const name = input.text(length);
  let crc = crc8(0, input.bytes, nameAt, input.at);
  let value: CellValue | KeyMark | undefined;
  if (input.consumeIf(Tag.cellValue)) {
    const size = input.int32();
    const start = input.at;
    value = readPayload(input, input.byte());
    if (input.at - start !== size) throw new WireError(`the length of the value of ${quoted(name)} is wrong`);
    crc = crc8(crc, input.bytes, start, input.at);
  }
  const code = input.consumeIf(Tag.cellOperation) ? input.byte() : undefined;
  const operation = code === undefined ? undefined : operations.get(code);
  if (code !== undefined && operation === undefined) throw new WireError(`unknown column operation ${code}`);
  let timestamp: bigint | undefined;
  if (input.consumeIf(Tag.cellTimestamp)) {
    const start = input.at;
    timestamp = input.int64();
    crc = crc8(crc, input.bytes, start, input.at);
  }
  if (code !== undefined) crc = crc8Byte(crc, code);
  input.expect(Tag.cellChecksum, 'a cell’s checksum');
  if (input.byte() !== crc) throw new WireError(`the checksum of ${quoted(name)} does not match`);
  sums.crc = crc8Byte(sums.crc, crc);
  const cell: Mutable<ReadCell> = { name };
  if (value !== undefined) cell.value = value;
  if (timestamp !== undefined) cell.timestamp = timestamp;
  if (operation !== undefined) cell.operation = operation;
  return cell;
}

function readPayload(input: PlainBufferInput, type: number): CellValue | KeyMark {
  switch (type) {
    case ValueType.integer:
      return input.int64();
    case ValueType.double:
      return input.bytes.readDoubleLE(input.take(8));
    case ValueType.boolean:
      return input.byte() !== 0;
    case ValueType.string:
      return input.text(input.int32());
    case ValueType.binary:
      return Buffer.from(input.slice(input.int32()));
    case ValueType.infMin:
      return INF_MIN;
    case ValueType.infMax:
      return INF_MAX;
    case ValueType.autoIncrement:
      return AUTO_INCREMENT;
    default:
      throw new WireError(`unknown value type ${type}`);
  }
}

function readExtension(input: PlainBufferInput): RecordSequence {
  input.int32();
  input.expect(Tag.sequence, 'the record’s position');
  input.int32();
  input.expect(Tag.sequenceEpoch, 'the record’s epoch');
  const epoch = input.int32();
  input.expect(Tag.sequenceTimestamp, 'the record’s timestamp');
  const timestamp = input.int64();
  input.expect(Tag.sequenceRowIndex, 'the record’s index');
  return { epoch, timestamp, rowIndex: input.int32() };
}

const quoted = (name: string): string => JSON.stringify(name.slice(0, 255));
