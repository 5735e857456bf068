import type { TableSettings } from '../storage/table-record.ts';
import type { StoredCell, StoredRow } from './stored-row.ts';

type Settings = Pick<TableSettings, 'timeToLive' | 'maxVersions'>;

/**
 * Returns the row without expired cells and excess versions at `nowMs`. Returns undefined if all its cells have
 * expired. A row that has no cells never expires.
 */
export function unexpiredRow(row: StoredRow, settings: Settings, nowMs: number): StoredRow | undefined {
  if (row.cells.length === 0) return row;
  const cells = newestVersions(row.cells.filter(isUnexpiredAt(settings, nowMs)), settings.maxVersions);
  if (cells.length === 0) return undefined;
  return cells.length === row.cells.length ? row : { ...row, cells };
}

/** Returns a function that checks whether a cell is unexpired. The time to live of a cell counts from its version. */
export function isUnexpiredAt({ timeToLive }: Settings, nowMs: number): (cell: StoredCell) => boolean {
  if (timeToLive < 0) return () => true;
  const oldest = BigInt(Math.ceil(nowMs - timeToLive * 1000));
  return ({ timestamp }) => timestamp >= oldest;
}

/** Returns at most `maxVersions` versions of each column, the newest ones. The cells must be ordered. */
export function newestVersions(cells: readonly StoredCell[], maxVersions: number): readonly StoredCell[] {
  let name: string | undefined;
  let count = 0;
  return cells.filter((cell) => {
    count = cell.name === name ? count + 1 : 1;
    name = cell.name;
    return count <= maxVersions;
  });
}
