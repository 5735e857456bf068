import type { TableSettings } from '../storage/table-record.ts';
import type { StoredCell, StoredRow } from './stored-row.ts';

type Settings = Pick<TableSettings, 'timeToLive' | 'maxVersions'>;

/**
 * What there still is of a row at `nowMs`: cells whose time is not over, and of those the newest versions. A row whose
 * cells are all over is gone; one that has no cells stays.
 */
export function unexpiredRow(row: StoredRow, settings: Settings, nowMs: number): StoredRow | undefined {
  if (row.cells.length === 0) return row;
  const cells = newestVersions(row.cells.filter(isUnexpiredAt(settings, nowMs)), settings.maxVersions);
  if (cells.length === 0) return undefined;
  return cells.length === row.cells.length ? row : { ...row, cells };
}

/** Whether a cell's time to live, which counts from its version, is not over. */
export function isUnexpiredAt({ timeToLive }: Settings, nowMs: number): (cell: StoredCell) => boolean {
  if (timeToLive < 0) return () => true;
  const oldest = BigInt(Math.ceil(nowMs - timeToLive * 1000));
  return ({ timestamp }) => timestamp >= oldest;
}

/** At most so many versions of each column, the newest ones, out of cells that are in order. */
export function newestVersions(cells: readonly StoredCell[], most: number): readonly StoredCell[] {
  let name: string | undefined;
  let count = 0;
  return cells.filter((cell) => {
    count = cell.name === name ? count + 1 : 1;
    name = cell.name;
    return count <= most;
  });
}
