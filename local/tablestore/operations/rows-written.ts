import { unsupported } from '../refusals.ts';
import { checkTableName } from '../rows/check-names.ts';
import { readRowChange, type WriteRequest, type WriteType } from '../rows/row-change.ts';
import { type Written, writeRow } from '../rows/write-row.ts';
import type { Storage } from '../storage/storage.ts';
import { operation } from './operation.ts';

interface SingleWrite extends Omit<WriteRequest, 'row'> {
  readonly tableName: string;
  readonly transactionId?: string;
}

export const putRow = operation<SingleWrite & { readonly row: Buffer }, Written>(
  'PutRow',
  (request, storage) => write('PUT', request, request.row, storage),
);

export const updateRow = operation<SingleWrite & { readonly rowChange: Buffer }, Written>(
  'UpdateRow',
  (request, storage) => write('UPDATE', request, request.rowChange, storage),
);

export const deleteRow = operation<SingleWrite & { readonly primaryKey: Buffer }, Written>(
  'DeleteRow',
  (request, storage) => write('DELETE', request, request.primaryKey, storage),
);

function write(type: WriteType, request: SingleWrite, row: Buffer, storage: Storage): Written {
  if (request.transactionId !== undefined) throw unsupported('transactions');
  checkTableName(request.tableName);
  const table = storage.tables.requireForRows(request.tableName);
  const change = readRowChange(type, { ...request, row }, table, storage.clocks.nowMs());
  return storage.databases.write(() => writeRow(storage, table, change));
}
