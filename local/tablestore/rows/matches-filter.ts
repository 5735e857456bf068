import type { CellValue, PlainRow } from '../../../ots/wire/row.ts';
import type { ColumnFilter, Comparator, RowFilter } from './read-filter.ts';

/**
 * True if a row matches a filter. The row's cells must have values and be ordered, the newest version of a name
 * first.
 */
export function matchesFilter(filter: RowFilter, row: PlainRow): boolean {
  switch (filter.kind) {
    case 'column':
      return matchesColumnFilter(filter, row);
    case 'not':
      return filter.filters.every((subFilter) => !matchesFilter(subFilter, row));
    case 'and':
      return filter.filters.every((subFilter) => matchesFilter(subFilter, row));
    case 'or':
      return filter.filters.some((subFilter) => matchesFilter(subFilter, row));
  }
}

function matchesColumnFilter(filter: ColumnFilter, row: PlainRow): boolean {
  const values = valuesOf(filter.column, row);
  if (values.length === 0) return filter.passIfMissing;
  const compared = filter.latestOnly ? values.slice(0, 1) : values;
  return compared.some((value) => matchesComparison(filter.comparator, value, filter.value));
}

function valuesOf(column: string, { primaryKey, cells }: PlainRow): CellValue[] {
  for (const { name, value } of primaryKey) if (name === column && typeof value !== 'symbol') return [value];
  return cells.flatMap(({ name, value }) => (name === column && value !== undefined ? [value] : []));
}

function matchesComparison(comparator: Comparator, value: CellValue, operand: CellValue): boolean {
  const order = compare(value, operand);
  // Values of different types are different and have no order.
  if (order === undefined) return comparator === 'CT_NOT_EQUAL';
  switch (comparator) {
    case 'CT_EQUAL':
      return order === 0;
    case 'CT_NOT_EQUAL':
      return order !== 0;
    case 'CT_GREATER_THAN':
      return order > 0;
    case 'CT_GREATER_EQUAL':
      return order >= 0;
    case 'CT_LESS_THAN':
      return order < 0;
    case 'CT_LESS_EQUAL':
      return order <= 0;
  }
}

/** Returns a negative number, 0 or a positive number, or undefined for different types. Strings compare by bytes. */
function compare(one: CellValue, other: CellValue): number | undefined {
  if (typeof one === 'string' && typeof other === 'string')
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return Buffer.compare(one, other);
  if (typeof one !== typeof other || Buffer.isBuffer(one) || Buffer.isBuffer(other)) return undefined;
  return one === other ? 0 : one < other ? -1 : 1;
}
