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
  /** What the write asked to be answered with, as PlainBuffer. */
  readonly row?: Buffer;
}

type Key = readonly KeyCell<KeyValue>[];

/**
 * Carries out a write of one row: the row, and the change in the log, in the transaction that the caller has opened.
 * Nothing is changed when it throws: OTSConditionCheckFail, OTSParameterInvalid.
 */
export function writeRow(storage: Storage, table: TableRecord, change: RowChange): WriteResult {
  const key = withAutoIncrement(change.key, storage);
  const at = rowKey(table, key);
  const origins = table.stream?.columnsToGet ?? [];
  const old =
    change.type !== 'PUT' || needsRow(change.condition) || origins.length > 0
      ? readUnexpiredRow(storage, table, at)
      : undefined;
  checkCondition(change.condition, old);
  const made = buildRow(change, key, old, table, BigInt(storage.clocks.nowMs()));
  if (made !== undefined) {
    if (made.row === undefined) storage.rows.remove(at);
    else storage.rows.put(at, made.bytes);
    storage.changes.append(table, encodeKey(key.slice(0, 1).map(({ value }) => value)), {
      action: `${change.type}_ROW`,
      record: made.record,
      ...(origins.length === 0 ? {} : { origin: encodeRows([originRowOf(key, old, origins)]) }),
    });
  }
  const size = sizeOf({ primaryKey: key, cells: change.cells });
  const answer = writeResultOf(change, key, made?.row);
  return {
    consumed: writeCost(size, needsRow(change.condition)),
    ...(answer === undefined ? {} : { row: encodeRows([answer]) }),
  };
}

interface NewRow {
  /** Absent where the row is gone. */
  readonly row?: StoredRow;
  readonly bytes: Buffer;
  /** What the stream tells, as PlainBuffer. */
  readonly record: Buffer;
}

/** The row and the record that a write makes; undefined where it changes nothing, since there is no such row. */
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

/** The cells of a new row; of two with the same version the later one counts. */
function putCells(cells: readonly Cell[], maxVersions: number, nowMs: bigint): readonly StoredCell[] {
  const stamped = cells.map(({ name, value = '', timestamp = nowMs }) => ({ name, value, timestamp }));
  const names = new Set(cells.map(({ name }) => name));
  if (names.size === cells.length) return stamped.sort(compareCells);
  return applyUpdate([], stamped, { nowMs, maxVersions }).cells;
}

const isDeletion = ({ operation }: Cell): boolean =>
  operation === 'delete all versions' || operation === 'delete version';

/** The row as it can be read now. */
export function readUnexpiredRow(storage: Storage, table: TableRecord, key: Buffer): StoredRow | undefined {
  const row = storage.rows.get(key);
  return row === undefined ? undefined : unexpiredRow(row, table, storage.clocks.nowMs());
}

/** The key with the number that the service gives; numbers of a table only grow. */
function withAutoIncrement(key: RowChange['key'], { clocks }: Storage): Key {
  return key.map(({ name, value }) => ({
    name,
    value: value === AUTO_INCREMENT ? BigInt(clocks.next()) : value,
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
