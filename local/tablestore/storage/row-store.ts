import { decodeRow } from '../../../ots/wire/plain-buffer-reader.ts';
import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import type { KeyCell } from '../../../ots/wire/row.ts';
import type { StoredRow } from '../rows/stored-row.ts';
import type { Databases } from './databases.ts';
import { encodeKey } from './key-encoding.ts';
import type { TableRecord } from './table-record.ts';

const ID_BYTES = 4;

/** A stored row with its key. */
export interface FoundRow {
  readonly key: Buffer;
  readonly row: StoredRow;
  /** Size of the stored row. */
  readonly bytes: number;
}

type Table = Pick<TableRecord, 'id'>;

/** The stored rows of all tables, including expired cells. */
export class RowStore {
  readonly #databases: Databases;

  constructor(databases: Databases) {
    this.#databases = databases;
  }

  get(key: Buffer): StoredRow | undefined {
    const bytes = this.#databases.rows.get(key);
    return bytes === undefined ? undefined : decodeStored(bytes);
  }

  /** Stores a row encoded by `encodeRows`. */
  put(key: Buffer, bytes: Buffer): void {
    this.#databases.rows.put(key, bytes);
  }

  remove(key: Buffer): void {
    this.#databases.rows.remove(key);
  }

  /** Yields rows from `start` (inclusive) to `end` (exclusive). If `backwards` is true, `start` is the upper end. */
  *range(range: { start: Buffer; end: Buffer; backwards?: boolean }): Generator<FoundRow> {
    for (const { key, value } of this.#databases.rows.range(range))
      yield { key, row: decodeStored(value), bytes: value.length };
  }
}

/** Returns the storage key of a row, or of the start or end of a range. */
export function rowKey(table: Table, cells: readonly KeyCell[]): Buffer {
  return Buffer.concat([prefixOf(table.id), encodeKey(cells.map(({ value }) => value))]);
}

/** Returns the range of all keys of a table. */
export const tableKeyRange = ({ id }: Table): { readonly start: Buffer; readonly end: Buffer } => ({
  start: prefixOf(id),
  end: prefixOf(id + 1),
});

/** Returns the smallest possible row key above `key`. */
export const nextKey = (key: Buffer): Buffer => Buffer.concat([key, Buffer.alloc(1)]);

/** Encodes a row for storage. */
export const encodeStored = (row: StoredRow): Buffer => encodeRows([row]);

/** Stored rows always have values in keys and cells, and timestamps in cells. */
const decodeStored = (bytes: Buffer): StoredRow => decodeRow(bytes) as StoredRow;

function prefixOf(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(ID_BYTES);
  prefix.writeUInt32BE(id);
  return prefix;
}
