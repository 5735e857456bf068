import type { CellOperation } from './row.ts';

/** PlainBuffer's markers; all numbers in it are little-endian. */
export const HEADER = 0x75;

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
