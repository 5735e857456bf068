import { conditionCheckFailed } from '../errors.ts';
import { matchesFilter } from './matches-filter.ts';
import { type RowFilter, readConditionFilter } from './read-filter.ts';
import type { StoredRow } from './stored-row.ts';

/** A write's condition as its message has it. */
export interface ConditionRequest {
  readonly rowExistence: 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST';
  readonly columnCondition?: Buffer;
}

export interface Condition {
  readonly rowExistence: ConditionRequest['rowExistence'];
  readonly filter?: RowFilter;
}

/** Reads a write's condition; OTSParameterInvalid. */
export function readCondition({ rowExistence, columnCondition }: ConditionRequest): Condition {
  if (!columnCondition?.length) return { rowExistence };
  return { rowExistence, filter: readConditionFilter(columnCondition) };
}

/** Whether the row must be looked at before it is written. */
export const needsRow = ({ rowExistence, filter }: Condition): boolean =>
  rowExistence !== 'IGNORE' || filter !== undefined;

/** Throws OTSConditionCheckFail unless the row, or its absence, is as the condition wants it. */
export function checkCondition({ rowExistence, filter }: Condition, row: StoredRow | undefined): void {
  if (rowExistence === 'EXPECT_EXIST' && row === undefined) throw conditionCheckFailed();
  if (rowExistence === 'EXPECT_NOT_EXIST' && row !== undefined) throw conditionCheckFailed();
  // A row that is not there has none of the columns.
  if (filter !== undefined && !matchesFilter(filter, row ?? { primaryKey: [], cells: [] }))
    throw conditionCheckFailed();
}
