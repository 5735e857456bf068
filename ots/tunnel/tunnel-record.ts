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

/** A change of one row. Without `sequence` it is a row that existed before the tunnel (base data). */
export interface TunnelRecord {
  readonly action: ActionType;
  readonly primaryKey: readonly KeyCell<KeyValue>[];
  /** Put: the whole row. Update: the changed columns. Delete: empty. */
  readonly cells: readonly Cell[];
  readonly sequence?: RecordSequence | undefined;
  /** Old values, if the table's stream is set up to include them. Empty if the row did not exist. */
  readonly before?: readonly Cell[] | undefined;
  /** The encoded size of the record, in bytes. Absent if the record does not come from the service. */
  readonly bytes?: number;
}

/**
 * Encoded records that are decoded one by one. If a whole page stayed decoded, garbage collection would cost more.
 */
export interface TunnelRecords {
  readonly length: number;
  /** The encoded size of all records, in bytes. */
  readonly bytes: number;
  [Symbol.iterator](): IterableIterator<TunnelRecord>;
}

/** Iteration throws WireError at the first record that cannot be decoded. */
export const lazyRecords = (raws: readonly RawRecord[]): TunnelRecords => ({
  length: raws.length,
  bytes: raws.reduce((sum, raw) => sum + bytesOf(raw), 0),
  *[Symbol.iterator]() {
    for (const raw of raws) yield decodeRecord(raw);
  },
});

const bytesOf = ({ record, originRecord }: RawRecord): number => record.length + (originRecord?.length ?? 0);

/** Records larger than this do not stay decoded. */
const LARGE_RECORD_BYTES = 64 * 1024;

/** Decodes a record. Throws WireError if its bytes are invalid. */
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

/**
 * The old row may be missing, empty, or without cells. The SDKs differ in what they accept, so all three are allowed.
 */
const decodeOldCells = ({ originRecord }: RawRecord): readonly Cell[] | undefined =>
  originRecord === undefined || originRecord.length === 0 ? undefined : decodeRow(originRecord).cells;

/** A record whose columns are decoded at each access. Otherwise, records that wait for a sink would fill the heap. */
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
