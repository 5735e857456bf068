import { checkTableName } from '../rows/check-names.ts';
import { tableKeyRange } from '../storage/row-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { operation } from './operation.ts';
import { describeMeta, describeSettings, type TableMetaMessage } from './table-messages.ts';

type NamedTable = { readonly tableName: string };

type Description = ReturnType<typeof describeSettings> & {
  readonly tableMeta: TableMetaMessage;
  readonly tableStatus: 'ACTIVE';
};

/** Returns the names of all tables. */
export const listTable = operation<object, { readonly tableNames: readonly string[] }>(
  'ListTable',
  (_request, storage) => ({ tableNames: storage.tables.names() }),
);

/** Returns the definition of a table. */
export const describeTable = operation<NamedTable, Description>('DescribeTable', ({ tableName }, storage) => {
  checkTableName(tableName);
  const table = storage.tables.require(tableName);
  return { tableMeta: describeMeta(table), ...describeSettings(table), tableStatus: 'ACTIVE' };
});

/** Deletes a table with its rows and its changes. */
export const deleteTable = operation<NamedTable, object>('DeleteTable', ({ tableName }, storage) => {
  checkTableName(tableName);
  const table = storage.tables.require(tableName);
  storage.tables.remove(table, () => {
    removeRows(table, storage);
    storage.changes.drop(table);
  });
  return {};
});

function removeRows(table: TableRecord, { rows, databases }: Storage): void {
  for (const key of Array.from(databases.rows.range(tableKeyRange(table)), (entry) => entry.key))
    rows.remove(key);
}
