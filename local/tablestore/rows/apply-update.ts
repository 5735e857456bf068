import type { Cell } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';
import { compareCells, type StoredCell } from './stored-row.ts';
import { newestVersions } from './unexpired-row.ts';

export interface Update {
  /** The row's cells after the update, in order. */
  readonly cells: readonly StoredCell[];
  /** The changes for the stream. An increment is recorded as its result. */
  readonly changes: readonly Cell[];
}

interface UpdateContext {
  /** The version, in ms, of cells without one. */
  readonly nowMs: bigint;
  readonly maxVersions: number;
}

/** Applies an UpdateRow to the cells of a row, one operation after the other. */
export function applyUpdate(
  old: readonly StoredCell[],
  operations: readonly Cell[],
  { nowMs, maxVersions }: UpdateContext,
): Update {
  let cells = [...old];
  const changes: Cell[] = [];
  for (const cell of operations) {
    const { name, operation } = cell;
    if (operation === 'delete all versions') {
      cells = cells.filter((storedCell) => storedCell.name !== name);
      changes.push({ name, operation });
    } else if (operation === 'delete version') {
      cells = cells.filter(
        (storedCell) => storedCell.name !== name || storedCell.timestamp !== cell.timestamp,
      );
      changes.push({ name, operation, timestamp: cell.timestamp });
    } else {
      const put = putCell(cell, cells, nowMs);
      cells = cells.filter(
        (storedCell) => storedCell.name !== name || storedCell.timestamp !== put.timestamp,
      );
      cells.push(put);
      changes.push(put);
    }
  }
  return { cells: newestVersions(cells.sort(compareCells), maxVersions), changes };
}

function putCell(cell: Cell, cells: readonly StoredCell[], nowMs: bigint): StoredCell {
  const { name, value, operation, timestamp = nowMs } = cell;
  if (value === undefined) throw parameterInvalid(`Invalid cell: '${name}'. Reason: missing value.`);
  return { name, timestamp, value: operation === 'increment' ? incrementedValue(cell, cells) : value };
}

/** Returns the newest version plus the operand. A missing column counts as 0. */
function incrementedValue({ name, value: operand }: Cell, cells: readonly StoredCell[]): bigint {
  let newest: StoredCell | undefined;
  for (const cell of cells)
    if (cell.name === name && (newest === undefined || cell.timestamp > newest.timestamp)) newest = cell;
  const value = newest?.value ?? 0n;
  if (typeof value !== 'bigint' || typeof operand !== 'bigint')
    throw parameterInvalid(`Column '${name}' cannot be incremented: only INTEGER values can.`);
  return BigInt.asIntN(64, value + operand);
}
