import { OtsError } from '../../../ots/errors.ts';
import { parameterInvalid, unsupported } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkTableName } from '../rows/check-names.ts';
import { readSelection, type Selection, type SelectionRequest } from '../rows/selection.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { type ReadResult, readRow } from './get-row.ts';
import { type CallContext, operation } from './operation.ts';
import { failedRow, type RowFailure } from './row-failure.ts';

interface TableRequest extends Omit<SelectionRequest, 'token'> {
  readonly tableName: string;
  readonly primaryKey: readonly Buffer[];
  readonly token: readonly Buffer[];
}

type RowResult = RowFailure | ({ readonly isOk: true } & ReadResult);

interface Response {
  readonly tables: readonly { readonly tableName: string; readonly rows: readonly RowResult[] }[];
}

/**
 * Reads rows by their keys, each with its own result. The whole request fails in the same cases as a BatchWriteRow
 * request.
 */
export const batchGetRow = operation<{ readonly tables: readonly TableRequest[] }, Response>(
  'BatchGetRow',
  ({ tables }, storage, call) => {
    checkRequest(tables);
    const reads = tables.map(({ token, ...request }) => {
      if (token.some((rowToken) => rowToken.length > 0)) throw unsupported('tokens for wide rows');
      const table = storage.tables.requireForRows(request.tableName);
      return { table, keys: request.primaryKey, select: readSelection(request) };
    });
    return {
      tables: reads.map(({ table, keys, select }) => ({
        tableName: table.name,
        rows: keys.map((key) => readOneRow(storage, table, key, select, call)),
      })),
    };
  },
);

function checkRequest(tables: readonly TableRequest[]): void {
  const count = tables.reduce((sum, { primaryKey }) => sum + primaryKey.length, 0);
  if (count === 0) throw parameterInvalid('No row specified in the request of BatchGetRow.');
  if (count > LIMITS.rowsPerBatchRead)
    throw parameterInvalid(`Rows count exceeds the upper limit: ${LIMITS.rowsPerBatchRead}.`);
  const names = new Set<string>();
  for (const { tableName } of tables) {
    checkTableName(tableName);
    if (names.has(tableName)) throw parameterInvalid(`Duplicated table name: '${tableName}'.`);
    names.add(tableName);
  }
}

function readOneRow(
  storage: Storage,
  table: TableRecord,
  key: Buffer,
  select: Selection,
  call: CallContext,
): RowResult {
  const fault = call.rowFault();
  if (fault !== undefined) return failedRow(fault);
  try {
    return { isOk: true, ...readRow(storage, table, key, select) };
  } catch (error) {
    if (error instanceof OtsError && error.code === 'OTSInvalidPK') return failedRow(error);
    throw error;
  }
}
