import type { LocalDatabase } from '../../database.ts';
import { ChangeClock } from './change-clock.ts';
import type { ChangeLog } from './change-log.ts';
import { type Databases, openDatabases } from './databases.ts';
import { RowStore } from './row-store.ts';
import { StoredChangeLog } from './stored-change-log.ts';
import { TableRegistry } from './table-registry.ts';
import { Trimmer } from './trimmer.ts';

/** The storage that the operations use. */
export interface Storage {
  readonly databases: Databases;
  readonly tables: TableRegistry;
  readonly rows: RowStore;
  readonly changeClock: ChangeClock;
  readonly changes: StoredChangeLog & ChangeLog;
  readonly trimmer: Trimmer;
  /** How many partitions a new table has. */
  readonly partitions: number;
}

export interface StorageOptions {
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
  readonly partitions: number;
}

/** Opens the tables, rows and changes in a database. */
export function openStorage(database: LocalDatabase, { clock, partitions }: StorageOptions): Storage {
  const databases = openDatabases(database);
  const tables = new TableRegistry(databases);
  const rows = new RowStore(databases);
  const changeClock = new ChangeClock(databases, clock);
  const trimmer = new Trimmer(databases, changeClock);
  const changes = new StoredChangeLog({ databases, tables, rows, changeClock, trimmer });
  return { databases, tables, rows, changeClock, changes, trimmer, partitions };
}
