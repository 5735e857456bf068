import { unsupported } from '../errors.ts';
import { checkTableName } from '../rows/check-names.ts';
import { readRowChange, type WriteRequest, type WriteType } from '../rows/row-change.ts';
import { type WriteResult, writeRow } from '../rows/write-row.ts';
import type { Storage } from '../storage/storage.ts';
import { operation } from './operation.ts';

interface SingleWrite extends Omit<WriteRequest, 'row'> {
  readonly tableName: string;
  readonly transactionId?: string;
}

export const putRow = operation<SingleWrite & { readonly row: Buffer }, WriteResult>(
  'PutRow',
  (request, storage) => writeSingleRow('PUT', request, request.row, storage),
);

export const updateRow = operation<SingleWrite & { readonly rowChange: Buffer }, WriteResult>(
  'UpdateRow',
  (request, storage) => writeSingleRow('UPDATE', request, request.rowChange, storage),
);

export const deleteRow = operation<SingleWrite & { readonly primaryKey: Buffer }, WriteResult>(
  'DeleteRow',
  (request, storage) => writeSingleRow('DELETE', request, request.primaryKey, storage),
);

function writeSingleRow(type: WriteType, request: SingleWrite, row: Buffer, storage: Storage): WriteResult {
  if (request.transactionId !== undefined) throw unsupported('transactions');
  checkTableName(request.tableName);
  const table = storage.tables.requireForRows(request.tableName);
  const change = readRowChange(type, { ...request, row }, table, storage.changeClock.nowMs());
  return storage.databases.write(() => writeRow(storage, table, change));
}
