import TableStore from 'tablestore';
import type { Table } from '../../ports/table.ts';
import type { ColumnCondition, Comparison, WriteCondition } from '../../ports/table-store.ts';
import { toPackageValue } from './package-values.ts';

const { ComparatorType, LogicalOperator, RowExistenceExpectation } = TableStore;

const comparators: Readonly<Record<Comparison, number>> = {
  '=': ComparatorType.EQUAL,
  '!=': ComparatorType.NOT_EQUAL,
  '>': ComparatorType.GREATER_THAN,
  '>=': ComparatorType.GREATER_EQUAL,
  '<': ComparatorType.LESS_THAN,
  '<=': ComparatorType.LESS_EQUAL,
};

/** Converts a write's condition. The package always requires a condition. `subject` is the start of error messages. */
export function toPackageCondition(table: Table, when: WriteCondition | undefined, subject: string): object {
  const expectations = { exists: 'EXPECT_EXIST', absent: 'EXPECT_NOT_EXIST' } as const;
  const existence = RowExistenceExpectation[when?.row === undefined ? 'IGNORE' : expectations[when.row]];
  const columns = when?.columns === undefined ? null : toPackageColumnCondition(table, when.columns, subject);
  return new TableStore.Condition(existence, columns);
}

/** Converts a condition on columns. Filters use the same form. */
export function toPackageColumnCondition(
  table: Table,
  condition: ColumnCondition,
  subject: string,
): TableStore.ColumnCondition {
  if ('column' in condition) {
    const { column, is, value, ifMissing } = condition;
    const constant = toPackageValue(table.columns, column, value, `${subject}: its condition`);
    // The fourth argument says whether a missing column meets the condition. It is always set, because the package's
    // default is true. The fifth argument means that only the newest version is compared.
    return new (Object(TableStore).SingleColumnCondition)(
      ...[column, constant, comparators[is], ifMissing === 'met', true],
    );
  }
  const [operator, parts] =
    'all' in condition
      ? ([LogicalOperator.AND, condition.all] as const)
      : 'any' in condition
        ? ([LogicalOperator.OR, condition.any] as const)
        : ([LogicalOperator.NOT, [condition.not]] as const);
  const [only] = parts;
  // A single part needs no operator.
  if (operator !== LogicalOperator.NOT && parts.length === 1 && only !== undefined)
    return toPackageColumnCondition(table, only, subject);
  const composite = new TableStore.CompositeCondition(operator);
  for (const part of parts) composite.addSubCondition(toPackageColumnCondition(table, part, subject));
  return composite;
}
