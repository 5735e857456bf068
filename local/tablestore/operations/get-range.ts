import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Consumed, readCost } from '../rows/capacity.ts';
import { checkRangeKey } from '../rows/check-key.ts';
import { checkTableName } from '../rows/check-names.ts';
import { readPlainRow } from '../rows/read-plain-row.ts';
import { readSelection, type Selection, type SelectionRequest } from '../rows/selection.ts';
import type { StoredRow } from '../rows/stored-row.ts';
import { unexpiredRow } from '../rows/unexpired-row.ts';
import { rowKey } from '../storage/row-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { operation } from './operation.ts';

interface Request extends SelectionRequest {
  readonly tableName: string;
  readonly direction: 'FORWARD' | 'BACKWARD';
  readonly limit?: number;
  readonly inclusiveStartPrimaryKey: Buffer;
  readonly exclusiveEndPrimaryKey: Buffer;
}

interface Response {
  readonly consumed: Consumed;
  readonly rows: Buffer;
  readonly nextStartPrimaryKey?: Buffer;
}

interface Range {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly backwards: boolean;
}

/**
 * Reads rows in key order, forwards or backwards. A page ends at the requested number of rows, or after 5,000 rows or
 * 4 MB were scanned. The scanned rows include those that the filter excludes. So a page may be empty and still have a
 * key for the next page.
 */
export const getRange = operation<Request, Response>('GetRange', (request, storage) => {
  checkTableName(request.tableName);
  const { limit = LIMITS.rowsPerPage } = request;
  if (limit <= 0) throw parameterInvalid('The limit must be greater than 0.');
  const select = readSelection(request);
  const table = storage.tables.requireForRows(request.tableName);
  const { rows, bytes, next } = readPage(storage, table, readRange(request, table), { select, limit });
  return {
    consumed: readCost(bytes),
    rows: encodeRows(rows),
    ...(next === undefined
      ? {}
      : { nextStartPrimaryKey: encodeRows([{ primaryKey: next.primaryKey, cells: [] }]) }),
  };
});

function readRange(request: Request, table: TableRecord): Range {
  const key = (bytes: Buffer) => rowKey(table, checkRangeKey(readPlainRow(bytes).primaryKey, table.keys));
  const start = key(request.inclusiveStartPrimaryKey);
  const end = key(request.exclusiveEndPrimaryKey);
  const backwards = request.direction === 'BACKWARD';
  const order = Buffer.compare(start, end);
  if (!backwards && order >= 0) throw parameterInvalid('Begin key must less than end key in FORWARD');
  if (backwards && order <= 0) throw parameterInvalid('Begin key must more than end key in BACKWARD');
  return { start, end, backwards };
}

function readPage(
  storage: Storage,
  table: TableRecord,
  range: Range,
  { select, limit }: { readonly select: Selection; readonly limit: number },
): { rows: StoredRow[]; bytes: number; next?: StoredRow } {
  const nowMs = storage.changeClock.nowMs();
  const rows: StoredRow[] = [];
  let [scanned, bytes] = [0, 0];
  for (const found of storage.rows.range(range)) {
    const unexpired = unexpiredRow(found.row, table, nowMs);
    if (unexpired === undefined) continue;
    if (
      rows.length >= limit ||
      scanned >= LIMITS.rowsPerPage ||
      (scanned > 0 && bytes + found.bytes > LIMITS.pageBytes)
    )
      return { rows, bytes, next: unexpired };
    scanned++;
    bytes += found.bytes;
    const row = select(unexpired);
    if (row !== undefined) rows.push(row);
  }
  return { rows, bytes };
}
