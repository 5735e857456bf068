import { decodeRow } from '../wire/plain-buffer-reader.ts';
import type { Cell, KeyCell, KeyValue, PlainRow, RecordSequence } from '../wire/row.ts';
import { WireError } from '../wire/wire-error.ts';

export type ActionType = 'PUT_ROW' | 'UPDATE_ROW' | 'DELETE_ROW';

/** A record as the service sends it. */
export interface RawRecord {
  readonly actionType: ActionType;
  readonly record: Buffer;
  readonly originRecord?: Buffer;
}

/** One change of one row; without `sequence` it is a row that was there before (base data). */
export interface TunnelRecord {
  readonly action: ActionType;
  readonly primaryKey: readonly KeyCell<KeyValue>[];
  /** The whole row for a put, the touched columns for an update, none for a delete. */
  readonly cells: readonly Cell[];
  readonly sequence?: RecordSequence;
  /** Old values, where the stream is set up to tell them; empty for a row that was not there. */
  readonly before?: readonly Cell[];
}

/** Records as they came, decoded one by one as they are taken: a page of decoded ones would outlive young garbage. */
export interface Records {
  readonly length: number;
  [Symbol.iterator](): IterableIterator<TunnelRecord>;
}

/** Iterating throws WireError at the first record that cannot be decoded. */
export const recordsOf = (raws: readonly RawRecord[]): Records => ({
  length: raws.length,
  *[Symbol.iterator]() {
    for (const raw of raws) yield decodeRecord(raw);
  },
});

/** Decodes a record; throws WireError. */
export function decodeRecord({ actionType, record, originRecord }: RawRecord): TunnelRecord {
  const row = decodeRow(record);
  return {
    action: actionType,
    primaryKey: keyOf(row),
    cells: row.cells,
    ...(row.sequence === undefined ? {} : { sequence: row.sequence }),
    // Missing, empty, or without cells: the SDKs differ in what they take, so all three are.
    ...(originRecord === undefined || originRecord.length === 0
      ? {}
      : { before: decodeRow(originRecord).cells }),
  };
}

function keyOf({ primaryKey }: PlainRow): KeyCell<KeyValue>[] {
  return primaryKey.map(({ name, value }) => {
    if (typeof value === 'symbol')
      throw new WireError(`key column ${JSON.stringify(name)} of a record has no value`);
    return { name, value };
  });
}
