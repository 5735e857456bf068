import TableStore from 'tablestore';
import type { Column, Filter, Key, Mark, ReadOptions, Value } from './tablestore-case.ts';

const marks = { min: TableStore.INF_MIN, max: TableStore.INF_MAX, auto: TableStore.PK_AUTO_INCR };

/** Converts a value to the type of the Node.js SDK. */
export function toSdkValue(value: Value | Mark): unknown {
  if (typeof value !== 'object') return value;
  if ('int' in value) return TableStore.Long.fromString(value.int);
  if ('double' in value) return value.double;
  if ('bin' in value) return Buffer.from(value.bin, 'base64');
  return marks[value.mark];
}

export const toSdkKey = (key: Key) => key.map(([name, value]) => ({ [name]: toSdkValue(value) }));

export const toSdkColumns = (columns: readonly Column[]) =>
  columns.map(([name, value, timestamp]) => ({
    [name]: toSdkValue(value),
    ...(timestamp === undefined ? {} : { timestamp: TableStore.Long.fromNumber(timestamp) }),
  }));

const comparators = {
  '=': 'EQUAL',
  '!=': 'NOT_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_EQUAL',
} as const;

/** Converts a filter. The SDK uses the same class for filters and column conditions. */
export function toSdkFilter(filter: Filter): TableStore.ColumnCondition {
  if ('column' in filter) {
    const { column, value, is, passIfMissing = true, latestOnly = true } = filter;
    const Single = Object(TableStore).SingleColumnCondition;
    return new Single(
      column,
      toSdkValue(value),
      TableStore.ComparatorType[comparators[is]],
      passIfMissing,
      latestOnly,
    );
  }
  const [kind, parts] =
    'and' in filter
      ? (['AND', filter.and] as const)
      : 'or' in filter
        ? (['OR', filter.or] as const)
        : (['NOT', filter.not] as const);
  const composite = new TableStore.CompositeCondition(TableStore.LogicalOperator[kind]);
  for (const part of parts) composite.addSubCondition(toSdkFilter(part));
  return composite;
}

export function toSdkReadOptions({
  only = [],
  maxVersions,
  times,
  filter,
}: ReadOptions): Readonly<Record<string, unknown>> {
  return {
    columnsToGet: only,
    ...(maxVersions === undefined ? {} : { maxVersions }),
    ...(typeof times === 'number' ? { timeRange: { specificTime: times } } : {}),
    ...(Array.isArray(times) ? { timeRange: { startTime: times[0], endTime: times[1] } } : {}),
    ...(filter === undefined ? {} : { columnFilter: toSdkFilter(filter) }),
  };
}

/** Converts a value of the SDK. Its integers are objects whose string is exact. */
function fromSdkValue(value: unknown): unknown {
  if (typeof value === 'number') return { double: value };
  if (Buffer.isBuffer(value)) return { bin: value.toString('base64') };
  return typeof value === 'object' && value !== null ? { int: String(value) } : value;
}

export const fromSdkKey = (key: readonly { readonly name: string; readonly value: unknown }[]) =>
  key.map(({ name, value }) => [name, fromSdkValue(value)]);

/** Converts a row of the SDK. Returns null for a missing row, which the SDK represents in two ways. */
export function fromSdkRow(row: unknown, { versions = false }: ReadOptions): object | null {
  const { primaryKey, attributes } = Object(row);
  if (!primaryKey?.length) return null;
  const columns = (attributes ?? []).map(
    ({
      columnName,
      columnValue,
      timestamp,
    }: {
      columnName: string;
      columnValue: unknown;
      timestamp: unknown;
    }) => [columnName, fromSdkValue(columnValue), ...(versions ? [Number(timestamp)] : [])],
  );
  return { key: fromSdkKey(primaryKey), columns };
}
