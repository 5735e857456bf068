import { conditionCheckFailed } from '../errors.ts';
import { matchesFilter } from './matches-filter.ts';
import { type RowFilter, readConditionFilter } from './read-filter.ts';
import type { StoredRow } from './stored-row.ts';

/** The condition of a write, as in its message. */
export interface ConditionRequest {
  readonly rowExistence: 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST';
  readonly columnCondition?: Buffer;
}

export interface Condition {
  readonly rowExistence: ConditionRequest['rowExistence'];
  readonly filter?: RowFilter;
}

/** Reads the condition of a write. Throws OTSParameterInvalid. */
export function readCondition({ rowExistence, columnCondition }: ConditionRequest): Condition {
  if (!columnCondition?.length) return { rowExistence };
  return { rowExistence, filter: readConditionFilter(columnCondition) };
}

/** True if the condition can be checked only by reading the row. */
export const needsRow = ({ rowExistence, filter }: Condition): boolean =>
  rowExistence !== 'IGNORE' || filter !== undefined;

/** Throws OTSConditionCheckFail unless the row, or its absence, meets the condition. */
export function checkCondition({ rowExistence, filter }: Condition, row: StoredRow | undefined): void {
  if (rowExistence === 'EXPECT_EXIST' && row === undefined) throw conditionCheckFailed();
  if (rowExistence === 'EXPECT_NOT_EXIST' && row !== undefined) throw conditionCheckFailed();
  // A row that does not exist has none of the columns.
  if (filter !== undefined && !matchesFilter(filter, row ?? { primaryKey: [], cells: [] }))
    throw conditionCheckFailed();
}
