import { WireError } from '../errors.ts';
import { decodeRow } from '../wire/plain-buffer-reader.ts';
import type { Cell, KeyCell, KeyValue, PlainRow, RecordSequence } from '../wire/row.ts';

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
  readonly sequence?: RecordSequence | undefined;
  /** Old values, where the stream is set up to tell them; empty for a row that was not there. */
  readonly before?: readonly Cell[] | undefined;
  /** Its size as it came; absent where it did not come from the service. */
  readonly bytes?: number;
}

/** Records as they came, decoded one by one as they are taken: a page of decoded ones would outlive young garbage. */
export interface TunnelRecords {
  readonly length: number;
  /** Their size as they came. */
  readonly bytes: number;
  [Symbol.iterator](): IterableIterator<TunnelRecord>;
}

/** Iterating throws WireError at the first record that cannot be decoded. */
export const lazyRecords = (raws: readonly RawRecord[]): TunnelRecords => ({
  length: raws.length,
  bytes: raws.reduce((sum, raw) => sum + bytesOf(raw), 0),
  *[Symbol.iterator]() {
    for (const raw of raws) yield decodeRecord(raw);
  },
});

const bytesOf = ({ record, originRecord }: RawRecord): number => record.length + (originRecord?.length ?? 0);

/** What is larger is not kept decoded. */
const LARGE_RECORD_BYTES = 64 * 1024;

/** Decodes a record; throws WireError. */
export function decodeRecord(raw: RawRecord): TunnelRecord {
  const row = decodeRow(raw.record);
  const before = decodeOldCells(raw);
  const bytes = bytesOf(raw);
  if (bytes > LARGE_RECORD_BYTES) return new LargeRecord(raw, keyOf(row), row.sequence);
  return {
    ...{ action: raw.actionType, primaryKey: keyOf(row), cells: row.cells, bytes },
    ...(row.sequence === undefined ? {} : { sequence: row.sequence }),
    ...(before === undefined ? {} : { before }),
  };
}

/** Missing, empty, or without cells: the SDKs differ in what they take, so all three are. */
const decodeOldCells = ({ originRecord }: RawRecord): readonly Cell[] | undefined =>
  originRecord === undefined || originRecord.length === 0 ? undefined : decodeRow(originRecord).cells;

/** Its columns are decoded each time that they are looked at: rows that wait for a sink would fill the heap. */
class LargeRecord implements TunnelRecord {
  readonly action: ActionType;
  readonly primaryKey: readonly KeyCell<KeyValue>[];
  readonly sequence: RecordSequence | undefined;
  readonly bytes: number;
  readonly #raw: RawRecord;

  constructor(
    raw: RawRecord,
    primaryKey: readonly KeyCell<KeyValue>[],
    sequence: RecordSequence | undefined,
  ) {
    this.action = raw.actionType;
    this.primaryKey = primaryKey;
    this.sequence = sequence;
    this.bytes = bytesOf(raw);
    this.#raw = raw;
  }

  get cells(): readonly Cell[] {
    return decodeRow(this.#raw.record).cells;
  }

  get before(): readonly Cell[] | undefined {
    return decodeOldCells(this.#raw);
  }
}

function keyOf({ primaryKey }: PlainRow): KeyCell<KeyValue>[] {
  return primaryKey.map(({ name, value }) => {
    if (typeof value === 'symbol')
      throw new WireError(`key column ${JSON.stringify(name)} of a record has no value`);
    return { name, value };
  });
}
