import type { Database } from 'lmdb';
import type { LocalDatabase } from '../../database.ts';
import { OrderedEntries } from './ordered-entries.ts';
import type { TableRecord } from './table-record.ts';

/** The LMDB databases of the local Tablestore. */
export interface Databases {
  /** Tables by name. */
  readonly tables: Database<TableRecord, string>;
  /** `tables`: last id. `clock`: last timestamp (µs). `trimmed:<table id>:<partition>`: last trimmed timestamp. */
  readonly counters: Database<number, string>;
  /** Rows by table id and key. */
  readonly rows: OrderedEntries;
  /** Changes by table id, partition and timestamp. */
  readonly changes: Database<Buffer, Buffer>;
  /** Runs `change` in one transaction. An exception rolls everything back. */
  write<T>(change: () => T): T;
}

export function openDatabases(database: LocalDatabase): Databases {
  const bytes = (name: string) =>
    database.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
  return {
    tables: database.openDB<TableRecord, string>({ name: 'tablestore-tables' }),
    counters: database.openDB<number, string>({ name: 'tablestore-counters' }),
    rows: new OrderedEntries(bytes('tablestore-rows')),
    changes: bytes('tablestore-changes'),
    write: (change) => database.transactionSync(change),
  };
}
