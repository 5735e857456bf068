import type { LocalDatabase } from '../../database.ts';
import type { ChangeLog } from './change-log.ts';
import { Clocks } from './clocks.ts';
import { type Databases, openDatabases } from './databases.ts';
import { KeptChanges } from './kept-changes.ts';
import { Rows } from './rows.ts';
import { Tables } from './tables.ts';
import { Trimmer } from './trimmer.ts';

/** All that the operations work on. */
export interface Storage {
  readonly databases: Databases;
  readonly tables: Tables;
  readonly rows: Rows;
  readonly clocks: Clocks;
  readonly changes: KeptChanges & ChangeLog;
  readonly trimmer: Trimmer;
  /** How many partitions a new table has. */
  readonly partitions: number;
}

export interface StorageOptions {
  /** Now, in epoch ms. */
  readonly clock: () => number;
  readonly partitions: number;
}

/** Opens the tables, rows and changes that are kept in a database. */
export function openStorage(database: LocalDatabase, { clock, partitions }: StorageOptions): Storage {
  const databases = openDatabases(database);
  const tables = new Tables(databases);
  const rows = new Rows(databases);
  const clocks = new Clocks(databases, clock);
  const trimmer = new Trimmer(databases, clocks);
  const changes = new KeptChanges({ databases, tables, rows, clocks, trimmer });
  return { databases, tables, rows, clocks, changes, trimmer, partitions };
}
