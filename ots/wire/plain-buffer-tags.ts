import type { CellOperation } from './row.ts';

/** PlainBuffer's header. All numbers in PlainBuffer are little-endian. */
export const PLAIN_BUFFER_HEADER = 0x75;

export const Tag = {
  end: 0x00,
  primaryKey: 0x01,
  attributes: 0x02,
  cell: 0x03,
  cellName: 0x04,
  cellValue: 0x05,
  cellOperation: 0x06,
  cellTimestamp: 0x07,
  deleteMarker: 0x08,
  rowChecksum: 0x09,
  cellChecksum: 0x0a,
  extension: 0x0b,
  sequence: 0x0c,
  sequenceEpoch: 0x0d,
  sequenceTimestamp: 0x0e,
  sequenceRowIndex: 0x0f,
} as const;

export const ValueType = {
  integer: 0x0,
  double: 0x1,
  boolean: 0x2,
  string: 0x3,
  binary: 0x7,
  infMin: 0x9,
  infMax: 0xa,
  autoIncrement: 0xb,
} as const;

export const operationCodes: Readonly<Record<CellOperation, number>> = {
  'delete all versions': 0x1,
  'delete version': 0x3,
  increment: 0x4,
};

/** CRC-8 with polynomial x⁸+x²+x+1, most significant bit first, as PlainBuffer uses it. */
const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1;
  return crc & 0xff;
});

/** Continues the checksum `crc` with the bytes from `start` to `end`. */
export function crc8(crc: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = crc;
  for (let at = start; at < end; at++) sum = crc8Table[sum ^ (bytes[at] ?? 0)] ?? 0;
  return sum;
}

/** Continues the checksum `crc` with one byte. */
export const crc8Byte = (crc: number, byte: number): number => crc8Table[crc ^ byte] ?? 0;
