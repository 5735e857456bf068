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

/** A write's condition for the package, which wants one always. */
export function toPackageCondition(table: Table, when: WriteCondition | undefined, where: string): object {
  const expectations = { exists: 'EXPECT_EXIST', absent: 'EXPECT_NOT_EXIST' } as const;
  const existence = RowExistenceExpectation[when?.row === undefined ? 'IGNORE' : expectations[when.row]];
  const columns = when?.columns === undefined ? null : toPackageColumnCondition(table, when.columns, where);
  return new TableStore.Condition(existence, columns);
}

/** A condition on columns for the package, as filters have it, too. */
export function toPackageColumnCondition(
  table: Table,
  condition: ColumnCondition,
  where: string,
): TableStore.ColumnCondition {
  if ('column' in condition) {
    const { column, is, value, ifMissing } = condition;
    const constant = toPackageValue(table.columns, column, value, `${where}: its condition`);
    // Told always: by itself a missing column meets every condition. The types do not know all that it takes.
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
  // A lone part says it all.
  if (operator !== LogicalOperator.NOT && parts.length === 1 && only !== undefined)
    return toPackageColumnCondition(table, only, where);
  const composite = new TableStore.CompositeCondition(operator);
  for (const part of parts) composite.addSubCondition(toPackageColumnCondition(table, part, where));
  return composite;
}
