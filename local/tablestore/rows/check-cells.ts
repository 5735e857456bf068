import type { Cell } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { checkColumnName } from './check-names.ts';

/** The largest timestamp whose µs fit into int64, in ms. */
const LAST_TIMESTAMP = (2n ** 63n - 1n) / 1000n;

/** Throws OTSParameterInvalid if the cells are invalid in a write to this table. */
export function checkCells(cells: readonly Cell[], table: TableRecord, nowMs: number): void {
  if (cells.length > LIMITS.columnsPerWrite)
    throw parameterInvalid(
      `The number of attribute columns exceeds the limit, limit count:${LIMITS.columnsPerWrite}, column count: ${cells.length}.`,
    );
  for (const cell of cells) {
    checkColumnName(cell.name);
    if (table.keys.some(({ name }) => name === cell.name))
      throw parameterInvalid(`Duplicated attribute column name with primary key column: '${cell.name}'.`);
    checkValue(cell);
    checkTimestamp(cell, table, nowMs);
  }
}

/** Throws OTSParameterInvalid if a cell of a PutRow has an operation or no value. */
export function checkPutCell({ name, value, operation }: Cell): void {
  if (operation !== undefined)
    throw parameterInvalid(`OpType cannot be given for column name:'${name}' in PutRow.`);
  if (value === undefined) throw parameterInvalid('Invalid request of put row: find cells without values.');
}

/**
 * Throws OTSParameterInvalid if a cell of an UpdateRow lacks a field that its operation needs, or has a wrong one.
 */
export function checkUpdateCell({ name, value, operation, timestamp }: Cell): void {
  if (operation === undefined || operation === 'increment') {
    if (value === undefined) throw parameterInvalid(`Invalid cell: '${name}'. Reason: missing value.`);
    return;
  }
  if (value !== undefined)
    throw parameterInvalid(
      'Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION.',
    );
  if (operation === 'delete version' && timestamp === undefined)
    throw parameterInvalid('Timestamp must be given when type is DELETE_ONE_VERSION.');
  if (operation === 'delete all versions' && timestamp !== undefined)
    throw parameterInvalid('Timestamp cannot be given when type is DELETE_ALL_VERSION.');
}

function checkValue({ name, value }: Cell): void {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw parameterInvalid("NaN can't be set to double value.");
    if (!Number.isFinite(value)) throw parameterInvalid("Infinity can't be set to double value.");
  }
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) return;
  const length = Buffer.byteLength(value);
  if (length > LIMITS.columnBytes)
    throw parameterInvalid(
      `The length of attribute column: '${name}' exceeds the MaxLength:${LIMITS.columnBytes} with CurrentLength:${length}.`,
    );
}

function checkTimestamp({ name, timestamp, operation }: Cell, table: TableRecord, nowMs: number): void {
  if (timestamp === undefined) return;
  if (timestamp < 0n || timestamp >= LAST_TIMESTAMP)
    throw parameterInvalid('Timestamp must be in range [0, INT64_MAX/1000).');
  if (operation === 'delete version') return;
  const { deviationSeconds, timeToLive } = table;
  const maxAgeSeconds = timeToLive < 0 ? deviationSeconds : Math.min(deviationSeconds, timeToLive);
  const minTimestamp = nowMs - maxAgeSeconds * 1000;
  const maxTimestamp = nowMs + deviationSeconds * 1000;
  if (Number(timestamp) < minTimestamp || Number(timestamp) >= maxTimestamp)
    throw parameterInvalid(
      `Invalid timestamp. Cell:${name}. Timestamp:${timestamp}. MinTimestamp:${minTimestamp}. MaxTimestamp:${maxTimestamp}.`,
    );
}
