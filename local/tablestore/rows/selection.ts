import { parameterInvalid, unsupported } from '../errors.ts';
import { checkColumnsToGet } from './check-names.ts';
import { matchesFilter } from './matches-filter.ts';
import { type ColumnPage, type RowFilter, readFilter } from './read-filter.ts';
import type { StoredCell, StoredRow } from './stored-row.ts';
import { newestVersions } from './unexpired-row.ts';

/** The fields of read requests that select cells. */
export interface SelectionRequest {
  readonly columnsToGet: readonly string[];
  readonly timeRange?: {
    readonly startTime?: bigint;
    readonly endTime?: bigint;
    readonly specificTime?: bigint;
  };
  readonly maxVersions?: number;
  readonly filter?: Buffer;
  readonly startColumn?: string;
  readonly endColumn?: string;
  readonly token?: Buffer;
  readonly transactionId?: string;
}

/** Returns the selected cells of an unexpired row, or undefined if the row is not in the answer. */
export type Selection = (row: StoredRow) => StoredRow | undefined;

/** Reads what a request selects of each row. Throws OTSParameterInvalid or OTSUnsupportedOperation. */
export function readSelection(request: SelectionRequest): Selection {
  if (request.transactionId !== undefined) throw unsupported('transactions');
  if (request.token !== undefined && request.token.length > 0) throw unsupported('tokens for wide rows');
  const columns = checkColumnsToGet(request.columnsToGet);
  const inTime = readTimeRange(request);
  const versions = request.maxVersions ?? Number.POSITIVE_INFINITY;
  const filter = request.filter?.length ? readFilter(request.filter) : undefined;
  const { startColumn, endColumn } = request;
  const isSelected = ({ name, timestamp }: StoredCell): boolean =>
    (columns.size === 0 || columns.has(name)) &&
    (startColumn === undefined || name >= startColumn) &&
    (endColumn === undefined || name < endColumn) &&
    inTime(timestamp);
  return (row) => {
    const cells = newestVersions(row.cells.filter(isSelected), versions);
    // A row without any of the selected columns is omitted, unless a key column is selected.
    if (cells.length === 0 && columns.size > 0 && !row.primaryKey.some(({ name }) => columns.has(name)))
      return undefined;
    return applyFilter({ ...row, cells }, filter);
  };
}

function applyFilter(row: StoredRow, filter: RowFilter | ColumnPage | undefined): StoredRow | undefined {
  if (filter === undefined) return row;
  if (filter.kind !== 'page') return matchesFilter(filter, row) ? row : undefined;
  const names = [...new Set(row.cells.map(({ name }) => name))];
  const page = new Set(names.slice(filter.offset, filter.offset + filter.limit));
  return { ...row, cells: row.cells.filter(({ name }) => page.has(name)) };
}

function readTimeRange({ timeRange, maxVersions }: SelectionRequest): (timestamp: bigint) => boolean {
  if (maxVersions !== undefined && maxVersions <= 0)
    throw parameterInvalid(`Invalid max versions: ${maxVersions}. Reason: Max versions must be positive.`);
  if (timeRange === undefined) {
    if (maxVersions === undefined)
      throw parameterInvalid('No version condition is specified while querying row.');
    return () => true;
  }
  const { startTime, endTime, specificTime } = timeRange;
  if (specificTime !== undefined) {
    if (startTime !== undefined || endTime !== undefined)
      throw parameterInvalid('Specific tiemstamp and time range cannot be given at the same time.');
    if (specificTime < 0n) throw parameterInvalid('Specific timestamp cannot be less than 0.');
    return (timestamp) => timestamp === specificTime;
  }
  if (startTime === undefined || endTime === undefined)
    throw parameterInvalid('Start and end time must be given at the same time.');
  return (timestamp) => timestamp >= startTime && timestamp < endTime;
}
