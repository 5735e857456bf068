import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import {
  AUTO_INCREMENT,
  type Cell,
  type KeyCell,
  type KeyValue,
  type PlainRow,
} from '../../../ots/wire/row.ts';
import { encodeKey } from '../storage/key-encoding.ts';
import { encodeStored, rowKey } from '../storage/row-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { applyUpdate } from './apply-update.ts';
import { type Consumed, sizeOf, writeCost } from './capacity.ts';
import { checkCondition, needsRow } from './condition.ts';
import type { RowChange } from './row-change.ts';
import { compareCells, type StoredCell, type StoredRow } from './stored-row.ts';
import { unexpiredRow } from './unexpired-row.ts';

export interface WriteResult {
  readonly consumed: Consumed;
  /** The key or the columns that the request wants in the answer, in PlainBuffer. */
  readonly row?: Buffer;
}

type Key = readonly KeyCell<KeyValue>[];

/**
 * Writes one row and appends the change to the log, in the caller's transaction. If it throws OTSConditionCheckFail or
 * OTSParameterInvalid, nothing is changed.
 */
export function writeRow(storage: Storage, table: TableRecord, change: RowChange): WriteResult {
  const key = withAutoIncrement(change.key, storage);
  const at = rowKey(table, key);
  const originColumns = table.stream?.columnsToGet ?? [];
  const old =
    change.type !== 'PUT' || needsRow(change.condition) || originColumns.length > 0
      ? readUnexpiredRow(storage, table, at)
      : undefined;
  checkCondition(change.condition, old);
  const newRow = buildRow(change, key, old, table, BigInt(storage.changeClock.nowMs()));
  if (newRow !== undefined) {
    if (newRow.row === undefined) storage.rows.remove(at);
    else storage.rows.put(at, newRow.bytes);
    storage.changes.append(table, encodeKey(key.slice(0, 1).map(({ value }) => value)), {
      action: `${change.type}_ROW`,
      record: newRow.record,
      ...(originColumns.length === 0 ? {} : { oldRow: encodeRows([originRowOf(key, old, originColumns)]) }),
    });
  }
  const size = sizeOf({ primaryKey: key, cells: change.cells });
  const answer = writeResultOf(change, key, newRow?.row);
  return {
    consumed: writeCost(size, needsRow(change.condition)),
    ...(answer === undefined ? {} : { row: encodeRows([answer]) }),
  };
}

interface NewRow {
  /** Absent if the row is deleted. */
  readonly row?: StoredRow;
  readonly bytes: Buffer;
  /** The record for the stream, in PlainBuffer. */
  readonly record: Buffer;
}

/** Returns the row and the record after a write, or undefined if there is nothing to delete. */
function buildRow(
  { type, cells }: RowChange,
  key: Key,
  old: StoredRow | undefined,
  { maxVersions }: TableRecord,
  nowMs: bigint,
): NewRow | undefined {
  if (type === 'DELETE') {
    if (old === undefined) return undefined;
    return { bytes: Buffer.alloc(0), record: encodeRows([{ primaryKey: key, cells: [], deleted: true }]) };
  }
  if (type === 'PUT') {
    const row = { primaryKey: key, cells: putCells(cells, maxVersions, nowMs) };
    const bytes = encodeStored(row);
    return { row, bytes, record: bytes };
  }
  if (old === undefined && cells.every(isDeletion)) return undefined;
  const update = applyUpdate(old?.cells ?? [], cells, { nowMs, maxVersions });
  const row = { primaryKey: key, cells: update.cells };
  const record = encodeRows([{ primaryKey: key, cells: update.changes }]);
  return { row, bytes: encodeStored(row), record };
}

/** Returns the cells of a new row. If two cells have the same version, the later one is used. */
function putCells(cells: readonly Cell[], maxVersions: number, nowMs: bigint): readonly StoredCell[] {
  const stamped = cells.map(({ name, value = '', timestamp = nowMs }) => ({ name, value, timestamp }));
  const names = new Set(cells.map(({ name }) => name));
  if (names.size === cells.length) return stamped.sort(compareCells);
  return applyUpdate([], stamped, { nowMs, maxVersions }).cells;
}

const isDeletion = ({ operation }: Cell): boolean =>
  operation === 'delete all versions' || operation === 'delete version';

/** Returns the row without expired cells; undefined if it does not exist or has expired. */
export function readUnexpiredRow(storage: Storage, table: TableRecord, key: Buffer): StoredRow | undefined {
  const row = storage.rows.get(key);
  return row === undefined ? undefined : unexpiredRow(row, table, storage.changeClock.nowMs());
}

/** Returns the key with the generated number. The numbers of a table only increase. */
function withAutoIncrement(key: RowChange['key'], { changeClock }: Storage): Key {
  return key.map(({ name, value }) => ({
    name,
    value: value === AUTO_INCREMENT ? BigInt(changeClock.next()) : value,
  }));
}

const originRowOf = (key: Key, old: StoredRow | undefined, columns: readonly string[]): PlainRow => ({
  primaryKey: key,
  cells: (old?.cells ?? []).filter(({ name }) => columns.includes(name)),
});

function writeResultOf(
  { returnType, returnColumns }: RowChange,
  key: Key,
  row: StoredRow | undefined,
): PlainRow | undefined {
  if (returnType === 'RT_NONE') return undefined;
  if (returnType === 'RT_PK') return { primaryKey: key, cells: [] };
  return { primaryKey: key, cells: (row?.cells ?? []).filter(({ name }) => returnColumns.includes(name)) };
}
