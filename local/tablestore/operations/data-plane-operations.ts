import type { Storage } from '../storage/storage.ts';
import { batchGetRow } from './batch-get-row.ts';
import { batchWriteRow } from './batch-write-row.ts';
import { createTable } from './create-table.ts';
import { getRange } from './get-range.ts';
import { getRow } from './get-row.ts';
import type { Operation } from './operation.ts';
import { deleteRow, putRow, updateRow } from './single-row-writes.ts';
import { deleteTable, describeTable, listTable } from './table-operations.ts';
import { updateTable } from './update-table.ts';

/** Returns all operations of the data plane by path. */
export const dataPlaneOperations = (storage: Storage): ReadonlyMap<string, Operation> =>
  new Map([
    ['/CreateTable', createTable(storage)],
    ['/ListTable', listTable(storage)],
    ['/DescribeTable', describeTable(storage)],
    ['/UpdateTable', updateTable(storage)],
    ['/DeleteTable', deleteTable(storage)],
    ['/GetRow', getRow(storage)],
    ['/PutRow', putRow(storage)],
    ['/UpdateRow', updateRow(storage)],
    ['/DeleteRow', deleteRow(storage)],
    ['/BatchGetRow', batchGetRow(storage)],
    ['/BatchWriteRow', batchWriteRow(storage)],
    ['/GetRange', getRange(storage)],
  ]);
