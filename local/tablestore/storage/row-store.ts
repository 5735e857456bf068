import { decodeRow } from '../../../ots/wire/plain-buffer-reader.ts';
import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import type { KeyCell } from '../../../ots/wire/row.ts';
import type { StoredRow } from '../rows/stored-row.ts';
import type { Databases } from './databases.ts';
import { encodeKey } from './key-encoding.ts';
import type { TableRecord } from './table-record.ts';

const ID_BYTES = 4;

/** A row that was read, with the key that it stands under. */
export interface FoundRow {
  readonly key: Buffer;
  readonly row: StoredRow;
  /** Of the row as it is kept. */
  readonly bytes: number;
}

type Table = Pick<TableRecord, 'id'>;

/** The rows of all tables, as they are kept: also cells whose time is over. */
export class RowStore {
  readonly #databases: Databases;

  constructor(databases: Databases) {
    this.#databases = databases;
  }

  get(key: Buffer): StoredRow | undefined {
    const bytes = this.#databases.rows.get(key);
    return bytes === undefined ? undefined : decodeStored(bytes);
  }

  /** Keeps a row that `encodeRows` made bytes of. */
  put(key: Buffer, bytes: Buffer): void {
    this.#databases.rows.put(key, bytes);
  }

  remove(key: Buffer): void {
    this.#databases.rows.remove(key);
  }

  /** Rows from `start` on (included) up to `end` (not included); backwards, `start` is the upper end. */
  *range(range: { start: Buffer; end: Buffer; backwards?: boolean }): Generator<FoundRow> {
    for (const { key, value } of this.#databases.rows.range(range))
      yield { key, row: decodeStored(value), bytes: value.length };
  }
}

/** The key that a row stands under, or where a range begins or ends. */
export function rowKey(table: Table, cells: readonly KeyCell[]): Buffer {
  return Buffer.concat([prefixOf(table.id), encodeKey(cells.map(({ value }) => value))]);
}

/** All keys of a table. */
export const tableKeyRange = ({ id }: Table): { readonly start: Buffer; readonly end: Buffer } => ({
  start: prefixOf(id),
  end: prefixOf(id + 1),
});

/** The smallest key above `key` that a row can have. */
export const nextKey = (key: Buffer): Buffer => Buffer.concat([key, Buffer.alloc(1)]);

/** A row's bytes as they are kept. */
export const encodeStored = (row: StoredRow): Buffer => encodeRows([row]);

/** What we wrote: keys and cells have values, cells have timestamps. */
const decodeStored = (bytes: Buffer): StoredRow => decodeRow(bytes) as StoredRow;

function prefixOf(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(ID_BYTES);
  prefix.writeUInt32BE(id);
  return prefix;
}
