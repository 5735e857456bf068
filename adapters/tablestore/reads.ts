import TableStore from 'tablestore';
import { InvalidInput } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { Row, Table } from '../../ports/table.ts';
import type { RowRange, TableStore as Store } from '../../ports/table-store.ts';
import {
  type AttemptLimits,
  type ItemAnswer,
  type RequestLimits,
  requestWithRetry,
  type SendRequest,
  sendItemsWithRetry,
  splitIntoBatches,
  toRowAnswers,
} from './batch-retry.ts';
import { toPackageColumnCondition } from './conditions.ts';
import { mayRetry, translateOtsError } from './errors.ts';
import {
  fromPackageRow,
  keyId,
  type PackageKey,
  type PackageRow,
  type PackageValue,
  rowText,
  toPackageKey,
  toPackageValue,
} from './package-values.ts';

/** The dependencies of reads and writes. */
export interface StoreContext {
  readonly request: SendRequest;
  readonly limits: (signal: AbortSignal | undefined) => RequestLimits;
  /** Maximum number of concurrent requests of one call. */
  readonly parallel: number;
}

/** The service's limit for the rows of one batch read. */
const ROWS_PER_READ = 100;
/** The service's limit for the rows of one page of a range. */
const ROWS_PER_PAGE = 5_000;

type ReadRow = PackageRow & { readonly isOk: boolean };

/** The read methods of `TableStore`. All reads are safe to retry. */
export function tablestoreReads({
  request,
  limits,
  parallel,
}: StoreContext): Pick<Store, 'get' | 'getMany' | 'range'> {
  return {
    async get(table, key, { columns = [], signal } = {}) {
      const params = {
        tableName: table.name,
        primaryKey: toPackageKey(table, key, 'reading'),
        ...{ columnsToGet: columns, maxVersions: 1 },
      };
      const action = `reading ${rowText(table, key)}`;
      const call = { operation: 'getRow', params, action, repeatable: true } as const;
      const { row } = (await requestWithRetry(request, call, limits(signal))) as { row: PackageRow };
      return fromPackageRow(table, row);
    },

    async getMany(table, keys, { columns = [], signal } = {}) {
      const requested = keys.map((key) => ({ key, primaryKey: toPackageKey(table, key, 'reading') }));
      const sendBatch = async (
        items: readonly { primaryKey: PackageKey }[],
        attemptLimits: AttemptLimits,
      ): Promise<ItemAnswer<ReadRow>[]> => {
        const primaryKey = items.map((item) => item.primaryKey);
        const batch = { tableName: table.name, primaryKey, columnsToGet: columns, maxVersions: 1 };
        const answer = await request('batchGetRow', { tables: [batch] }, attemptLimits);
        return toRowAnswers((answer as { tables: ReadRow[][] }).tables[0] ?? []);
      };
      const rows = keys.map((): Row<typeof table.key, typeof table.columns> | undefined => undefined);
      const chunks = splitIntoBatches(requested, {
        rows: ROWS_PER_READ,
        bytes: Number.POSITIVE_INFINITY,
        sizeOf: () => 0,
      });
      await forEachParallel(chunks, parallel, async (chunk) => {
        const answers = await sendItemsWithRetry(
          chunk.map(({ item }) => item),
          { sendBatch, mayRepeat: (_item, error) => mayRetry(error, true) },
          limits(signal),
        );
        for (const [chunkIndex, { index, item }] of chunk.entries()) {
          const answer = answers[chunkIndex];
          if (answer === undefined || 'error' in answer)
            throw translateOtsError(answer?.error, `reading ${rowText(table, item.key)}`);
          rows[index] = fromPackageRow(table, answer.value);
        }
      });
      return rows;
    },

    async *range(table, range = {}) {
      const { params, start } = toRangeRequest(table, range);
      const action = `reading ${rowText(table, range.prefix ?? {})}`;
      const skipped = range.after === undefined ? undefined : keyId(table, range.after);
      let left = range.limit ?? Number.POSITIVE_INFINITY;
      // The limit of a page also counts rows that the filter removes. So a page may be empty although there is a next
      // page.
      for (let from: object | null = start; from !== null && left > 0; ) {
        // The first page includes the row of `after`, if it still exists. This row is not yielded, so the page needs
        // one more row.
        const limit = Math.min(left + (from === start && skipped !== undefined ? 1 : 0), ROWS_PER_PAGE);
        const page = { ...params, inclusiveStartPrimaryKey: from, limit };
        const call = { operation: 'getRange', params: page, action, repeatable: true } as const;
        const answer = (await requestWithRetry(request, call, limits(range.signal))) as RangePage;
        for (const raw of answer.rows) {
          const row = fromPackageRow(table, raw);
          if (row === undefined || (skipped !== undefined && keyId(table, row.key) === skipped)) continue;
          if (left === 0) return;
          left--;
          yield row;
        }
        from = answer.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
      }
    },
  };
}

interface RangePage {
  readonly rows: readonly PackageRow[];
  readonly nextStartPrimaryKey: PackageRow['primaryKey'];
}

/**
 * The cells of a bound. The package compares INF_MIN and INF_MAX by identity, so they must be the package's objects.
 */
type Bound = readonly Readonly<Record<string, PackageValue | symbol>>[];

/** The parameters that all pages of a range have in common, and the start of the first page. */
interface RangeRequest {
  readonly params: object;
  readonly start: Bound;
}

/** Converts a range. Throws InvalidInput `ColumnValue` if a bound does not have the first columns of the key. */
function toRangeRequest(table: Table, range: RowRange): RangeRequest {
  const { prefix = {}, from = {}, after, to, direction = 'forward', where, columns = [], limit } = range;
  const action = `reading ${rowText(table, prefix)}`;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new InvalidInput('ColumnValue', `${action}: the limit is ${limit}; allowed: a whole number from 0`);
  const { INF_MIN, INF_MAX } = TableStore;
  const [first, last] = direction === 'forward' ? [INF_MIN, INF_MAX] : [INF_MAX, INF_MIN];
  const start =
    after === undefined
      ? toBound(table, { ...prefix, ...from }, first, action)
      : toPackageKey(table, after, 'reading after');
  // `to` may have only the first columns of the key. The other columns then get the bound that comes first in the
  // direction: INF_MIN forward, INF_MAX backward. So rows that begin with `to` are not in the range. Without `to`,
  // the columns get the bound that comes last, so that every row with the prefix is in the range.
  const end = toBound(table, { ...prefix, ...to }, to === undefined ? last : first, action);
  const { FORWARD, BACKWARD } = TableStore.Direction;
  const params = {
    tableName: table.name,
    direction: direction === 'forward' ? FORWARD : BACKWARD,
    exclusiveEndPrimaryKey: end,
    maxVersions: 1,
    columnsToGet: columns,
    ...(where === undefined ? {} : { columnFilter: toPackageColumnCondition(table, where, action) }),
  };
  return { params, start };
}

function toBound(
  table: Table,
  values: Readonly<Record<string, unknown>>,
  missingValue: symbol,
  action: string,
): Bound {
  const names = Object.keys(table.key);
  const given = names.filter((name) => Object.hasOwn(values, name));
  const wrong = Object.keys(values).find(
    (name) => names.indexOf(name) !== given.indexOf(name) || !names.includes(name),
  );
  if (wrong !== undefined)
    throw new InvalidInput(
      'ColumnValue',
      `${action}: a bound has ${wrong}; allowed: the first columns of the key ${names.join(', ')}`,
    );
  return names.map((name) => ({
    [name]: given.includes(name) ? toPackageValue(table.key, name, values[name], action) : missingValue,
  }));
}
