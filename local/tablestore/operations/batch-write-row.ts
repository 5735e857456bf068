import { OtsError } from '../../../ots/errors.ts';
import { parameterInvalid, unsupported } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkTableName } from '../rows/check-names.ts';
import { needsRow } from '../rows/condition.ts';
import { type RowChange, readRowChange, type WriteRequest, type WriteType } from '../rows/row-change.ts';
import { type WriteResult, writeRow } from '../rows/write-row.ts';
import { encodeKey } from '../storage/key-encoding.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { type CallContext, operation } from './operation.ts';
import { failedRow, type RowFailure } from './row-failure.ts';

interface TableRequest {
  readonly tableName: string;
  readonly rows: readonly (Omit<WriteRequest, 'row'> & {
    readonly type: WriteType;
    readonly rowChange: Buffer;
  })[];
}

interface Request {
  readonly tables: readonly TableRequest[];
  readonly transactionId?: string;
  readonly isAtomic?: boolean;
}

type RowResult = RowFailure | ({ readonly isOk: true } & WriteResult);

interface Response {
  readonly tables: readonly { readonly tableName: string; readonly rows: readonly RowResult[] }[];
}

/**
 * Writes rows one by one, each with its own result, in one transaction: after a crash, all or none are stored. The
 * whole request fails if a table is missing or listed twice, or if there are too many rows. It also fails if any row
 * has invalid bytes, names or sizes. A key that does not match its table fails only its own row.
 */
export const batchWriteRow = operation<Request, Response>('BatchWriteRow', (request, storage, call) => {
  checkRequest(request);
  const nowMs = storage.changeClock.nowMs();
  const tables = request.tables.map(({ tableName, rows }) => {
    const table = storage.tables.requireForRows(tableName);
    const changes = rows.map((row) => readChange(row, table, nowMs));
    checkDuplicateRows(changes);
    return { table, changes };
  });
  return storage.databases.write(() => ({
    tables: tables.map(({ table, changes }) => ({
      tableName: table.name,
      rows: changes.map((change) => writeOneRow(storage, table, change, call)),
    })),
  }));
});

function checkRequest({ tables, transactionId, isAtomic = false }: Request): void {
  if (transactionId !== undefined) throw unsupported('transactions');
  if (isAtomic) throw unsupported('atomic batches');
  if (tables.length === 0) throw parameterInvalid('No row is specified in BatchWriteRow.');
  const names = new Set<string>();
  let [count, bytes] = [0, 0];
  for (const { tableName, rows } of tables) {
    checkTableName(tableName);
    if (names.has(tableName)) throw parameterInvalid(`Duplicated table name: '${tableName}'.`);
    names.add(tableName);
    if (rows.length === 0) throw parameterInvalid(`No operation is specified for table: '${tableName}'.`);
    count += rows.length;
    for (const { rowChange } of rows) bytes += rowChange.length;
  }
  if (count > LIMITS.rowsPerBatchWrite)
    throw parameterInvalid(`Rows count exceeds the upper limit: ${LIMITS.rowsPerBatchWrite}.`);
  if (bytes > LIMITS.requestBytes)
    throw parameterInvalid(
      `The total data size of BatchWriteRow request exceeds the limit, limit size: ${LIMITS.requestBytes}, data size: ${bytes}.`,
    );
}

function readChange(
  { type, rowChange, ...request }: TableRequest['rows'][number],
  table: TableRecord,
  nowMs: number,
): RowChange | OtsError {
  try {
    return readRowChange(type, { ...request, row: rowChange }, table, nowMs);
  } catch (error) {
    if (error instanceof OtsError && error.code === 'OTSInvalidPK') return error;
    throw error;
  }
}

/** A row may occur several times, but then none of its changes may have a condition. */
function checkDuplicateRows(changes: readonly (RowChange | OtsError)[]): void {
  const seen = new Map<string, RowChange>();
  for (const change of changes) {
    if (change instanceof OtsError || change.key.some(({ value }) => typeof value === 'symbol')) continue;
    const key = encodeKey(change.key.map(({ value }) => value)).toString('latin1');
    const first = seen.get(key);
    for (const duplicate of first === undefined ? [] : [first, change])
      if (needsRow(duplicate.condition))
        throw parameterInvalid(
          duplicate.condition.filter === undefined
            ? 'Repeated rows do not support row exist expectation check in BatchModify.'
            : 'Repeated rows do not support row condition check in BatchModify.',
        );
    seen.set(key, change);
  }
}

function writeOneRow(
  storage: Storage,
  table: TableRecord,
  change: RowChange | OtsError,
  call: CallContext,
): RowResult {
  if (change instanceof OtsError) return failedRow(change);
  try {
    const fault = call.rowFault();
    if (fault !== undefined) return failedRow(fault);
    return { isOk: true, ...writeRow(storage, table, change) };
  } catch (error) {
    if (error instanceof OtsError) return failedRow(error);
    throw error;
  }
}
