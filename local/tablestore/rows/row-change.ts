import { AUTO_INCREMENT, type Cell, type KeyCell, type KeyValue } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { checkCells, checkPutCell, checkUpdateCell } from './check-cells.ts';
import { checkNewKey, checkRowKey } from './check-key.ts';
import { checkColumnName } from './check-names.ts';
import { type Condition, type ConditionRequest, readCondition } from './condition.ts';
import { readPlainRow } from './read-plain-row.ts';

export type WriteType = 'PUT' | 'UPDATE' | 'DELETE';

export type ReturnType = 'RT_NONE' | 'RT_PK' | 'RT_AFTER_MODIFY';

/** A write, as in its message. */
export interface WriteRequest {
  readonly row: Buffer;
  readonly condition: ConditionRequest;
  readonly returnContent?: {
    readonly returnType?: ReturnType;
    readonly returnColumnNames: readonly string[];
  };
}

/** A write that was parsed and checked against its table. */
export interface RowChange {
  readonly type: WriteType;
  readonly key: readonly KeyCell<KeyValue | typeof AUTO_INCREMENT>[];
  readonly cells: readonly Cell[];
  readonly condition: Condition;
  readonly returnType: ReturnType;
  readonly returnColumns: readonly string[];
}

const requestNames = { PUT: 'PutRow', UPDATE: 'UpdateRow', DELETE: 'DeleteRow' } as const;

/** Reads a write and checks it against its table. Throws OTSParameterInvalid or OTSInvalidPK. */
export function readRowChange(
  type: WriteType,
  request: WriteRequest,
  table: TableRecord,
  nowMs: number,
): RowChange {
  if (request.row.length > LIMITS.requestBytes)
    throw parameterInvalid(
      `The total data size of ${requestNames[type]} request exceeds the limit, limit size: ${LIMITS.requestBytes}, data size: ${request.row.length}.`,
    );
  const { primaryKey, cells, deleted = false } = readPlainRow(request.row);
  checkDeleteMarker(type, deleted, cells);
  const key = type === 'DELETE' ? checkDeletedKey(primaryKey, table) : checkNewKey(primaryKey, table.keys);
  checkCells(cells, table, nowMs);
  if (type === 'PUT') for (const cell of cells) checkPutCell(cell);
  if (type === 'UPDATE') for (const cell of cells) checkUpdateCell(cell);
  if (type === 'UPDATE' && !table.allowUpdate)
    throw parameterInvalid(`UpdateRow is not allowed for table '${table.name}'.`);
  const condition = readCondition(request.condition);
  if (key.some(({ value }) => value === AUTO_INCREMENT)) checkAutoIncrementCondition(condition);
  const { returnType = 'RT_NONE', returnColumnNames = [] } = request.returnContent ?? {};
  for (const name of returnColumnNames) checkColumnName(name);
  return { type, key, cells, condition, returnType, returnColumns: returnColumnNames };
}

function checkDeletedKey(primaryKey: readonly KeyCell[], table: TableRecord): KeyCell<KeyValue>[] {
  if (primaryKey.some(({ value }) => value === AUTO_INCREMENT))
    throw parameterInvalid('Invalid row to delete which with pk auto increment.');
  return checkRowKey(primaryKey, table.keys);
}

function checkDeleteMarker(type: WriteType, deleted: boolean, cells: readonly Cell[]): void {
  if (type === 'DELETE') {
    if (!deleted)
      throw parameterInvalid('Invalid request of delete row: missing RowDeleteMarker in request.');
    if (cells.length > 0) throw parameterInvalid('Invalid delete row request: unexpected cells in request.');
    return;
  }
  if (deleted)
    throw parameterInvalid('Invalid request of put/update row: unexpected RowDeleteMarker in request.');
  if (type === 'UPDATE' && cells.length === 0)
    throw parameterInvalid('Invalid update row request: missing cells in request.');
}

function checkAutoIncrementCondition({ rowExistence, filter }: Condition): void {
  if (filter !== undefined)
    throw parameterInvalid("Can't set condition when modify row with pk auto increment.");
  if (rowExistence !== 'IGNORE')
    throw parameterInvalid(`Invalid expect: ${rowExistence} when modify row with pk auto increment.`);
}
