import type { ColumnSchema, ColumnValues, KeySchema, Row, Table } from '../../ports/table.ts';
import type { RowRange } from '../../ports/table-store.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';
import { LONE_SURROGATE } from './lone-surrogates.ts';

/** A request reads at most this many rows. Otherwise, a filter that few rows meet could read a whole table. */
const MAX_ROWS_READ = 1_000;

export interface Page<K extends KeySchema, C extends ColumnSchema> {
  readonly rows: readonly Row<K, C>[];
  /** The cursor of the next page; null if there is none. */
  readonly next: string | null;
}

/** Which rows a page has. */
export interface PageRequest<K extends KeySchema, C extends ColumnSchema> {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly accepts: (row: Row<K, C>) => boolean;
  /** True if `accepts` can refuse most of the rows. */
  readonly isFiltered: boolean;
}

/**
 * Reads a page of the rows of a range. A page may have fewer rows than `limit` although there is a next page. Throws a problem
 * if the cursor is not the `next` of a page of this range.
 */
export async function readPage<K extends KeySchema, C extends ColumnSchema>(
  store: AlertStore,
  table: Table<K, C>,
  range: RowRange<K, C>,
  { limit = 20, cursor, accepts, isFiltered }: PageRequest<K, C>,
): Promise<Page<K, C>> {
  const after = cursor === undefined ? undefined : readCursor(table, cursor, range);
  if (after !== undefined && isPastEnd(after, range)) return { rows: [], next: null };
  const rowsToRead = isFiltered ? MAX_ROWS_READ : limit + 1;
  const read = await store.readRows(table, { ...range, after, limit: rowsToRead });
  const rows: Row<K, C>[] = [];
  let last: Row<K, C> | undefined;
  for (const row of read) {
    if (rows.length === limit) return { rows, next: writeCursor(last) };
    if (accepts(row)) rows.push(row);
    last = row;
  }
  return { rows, next: read.length < rowsToRead ? null : writeCursor(last) };
}

type Key = Readonly<Record<string, unknown>>;

/**
 * Checks whether `after` is at or behind the end of a range. The store refuses a range whose start is behind its end.
 */
function isPastEnd(after: Key, { to = {}, direction }: RowRange): boolean {
  const bounds = Object.entries(to);
  const isBehind = ([name, end]: readonly [string, unknown]): boolean =>
    direction === 'backward' ? String(after[name]) <= String(end) : String(after[name]) >= String(end);
  return bounds.length > 0 && bounds.every(isBehind);
}

const writeCursor = (row: { readonly key: object } | undefined): string | null =>
  row === undefined ? null : Buffer.from(JSON.stringify(Object.values(row.key))).toString('base64url');

function readCursor<K extends KeySchema>(
  { key }: Table<K>,
  cursor: string,
  { prefix = {} }: RowRange<K>,
): ColumnValues<K> {
  const names = Object.keys(key);
  const values = parsed(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (Array.isArray(values) && values.length === names.length && values.every(isText)) {
    const found: Key = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    if (Object.entries(prefix).every(([name, value]) => found[name] === value))
      return found as ColumnValues<K>;
  }
  const detail = `cursor is ${JSON.stringify(cursor.slice(0, 100))}: it must be the \`next\` of a page`;
  throw new Problem('invalid-parameter', detail, { errors: [{ in: 'query', name: 'cursor', detail }] });
}

/** The store cannot hold half of a surrogate pair. */
const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && !LONE_SURROGATE.test(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
