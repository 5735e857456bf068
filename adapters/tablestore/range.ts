import TableStore from 'tablestore';
import { InvalidInput } from '../../domain/errors.ts';
import type { Table } from '../../ports/table.ts';
import type { Range } from '../../ports/table-store.ts';
import { columnConditionIn } from './conditions.ts';
import { keyIn, type PackageValue, rowName, valueIn } from './values.ts';

/** A bound's cells; INF_MIN and INF_MAX are told by identity, so that they are the package's own objects. */
type Bound = readonly Readonly<Record<string, PackageValue | symbol>>[];

/** What every page of a range asks for, and where the first one begins. */
export interface RangeRequest {
  readonly params: object;
  readonly start: Bound;
}

/** A range for the package; throws InvalidInput `ColumnValue` for bounds that are no beginning of the key. */
export function rangeIn(table: Table, range: Range): RangeRequest {
  const { prefix = {}, from = {}, after, to, direction = 'forward', where, columns = [], limit } = range;
  const what = `reading ${rowName(table, prefix)}`;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new InvalidInput('ColumnValue', `${what}: the limit is ${limit}, it is a whole number from 0`);
  const { INF_MIN, INF_MAX } = TableStore;
  const [low, high] = direction === 'forward' ? [INF_MIN, INF_MAX] : [INF_MAX, INF_MIN];
  const start =
    after === undefined
      ? boundIn(table, { ...prefix, ...from }, low, what)
      : keyIn(table, after, 'reading after');
  // Before the first row that begins so: what fills it up is met first.
  const end = boundIn(table, { ...prefix, ...to }, to === undefined ? high : low, what);
  const { FORWARD, BACKWARD } = TableStore.Direction;
  const params = {
    tableName: table.name,
    direction: direction === 'forward' ? FORWARD : BACKWARD,
    exclusiveEndPrimaryKey: end,
    maxVersions: 1,
    columnsToGet: columns,
    ...(where === undefined ? {} : { columnFilter: columnConditionIn(table, where, what) }),
  };
  return { params, start };
}

function boundIn(table: Table, values: Readonly<Record<string, unknown>>, rest: symbol, what: string): Bound {
  const names = Object.keys(table.key);
  const given = names.filter((name) => Object.hasOwn(values, name));
  const wrong = Object.keys(values).find(
    (name) => names.indexOf(name) !== given.indexOf(name) || !names.includes(name),
  );
  if (wrong !== undefined)
    throw new InvalidInput(
      'ColumnValue',
      `${what}: a bound names ${wrong}, it names the first columns of the key ${names.join(', ')}`,
    );
  return names.map((name) => ({
    [name]: given.includes(name) ? valueIn(table.key, name, values[name], what) : rest,
  }));
}
