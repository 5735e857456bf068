import { AdmissionQueue } from '../../domain/admission-queue.ts';
import type { ColumnSchema, KeySchema, Row, Table } from '../../ports/table.ts';
import type { RowRange, TableStore } from '../../ports/table-store.ts';
import { boundedReads, type ReadLimits } from '../bounded-reads.ts';

/** Reads and writes of the tables of the alerts. */
export interface AlertStore extends Pick<TableStore, 'get' | 'getMany' | 'put' | 'update' | 'delete'> {
  /** Reads at most `limit` rows of a range. */
  readRows<K extends KeySchema, C extends ColumnSchema>(
    table: Table<K, C>,
    range: RowRange<K, C> & { readonly limit: number },
  ): Promise<Row<K, C>[]>;
}

/** Limits the concurrent reads, and the rows of pages in memory. */
const LIMITS = { parallel: { reads: 32, rows: 1_100 }, waiting: { reads: 256, rows: 4_400 } };

/** Limits the concurrent reads of a store. `onRead` is called after each read of single rows. */
export function boundedAlertStore(store: TableStore, onRead: NonNullable<ReadLimits['onRead']>): AlertStore {
  const { parallel, waiting } = LIMITS;
  const pages = new AdmissionQueue({
    parallel: { slots: parallel.reads, weight: parallel.rows },
    waiting: { slots: waiting.reads, weight: waiting.rows },
  });
  return {
    ...boundedReads(store, { ...LIMITS, onRead }),
    readRows(table, range) {
      const read = async () => {
        const rows: Row<typeof table.key, typeof table.columns>[] = [];
        for await (const row of store.range(table, range)) rows.push(row);
        return rows;
      };
      return pages.run(read, range.limit, range.signal);
    },
    put: (table, key, columns, options) => store.put(table, key, columns, options),
    update: (table, key, change, options) => store.update(table, key, change, options),
    delete: (table, key, options) => store.delete(table, key, options),
  };
}
