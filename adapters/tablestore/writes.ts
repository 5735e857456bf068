import { InvalidInput } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { ColumnSchema, Table } from '../../ports/table.ts';
import type { RowWrite, TableStore, WriteOutcome, WriteStatus } from '../../ports/table-store.ts';
import {
  type AttemptLimits,
  type ItemAnswer,
  requestWithRetry,
  sendItemsWithRetry,
  splitIntoBatches,
  toRowAnswers,
} from './batch-retry.ts';
import { toPackageCondition } from './conditions.ts';
import { isConditionUnmet, mayRetry, translateOrThrow } from './errors.ts';
import {
  columnTypeOf,
  keyId,
  type PackageValue,
  rowText,
  toPackageKey,
  toPackageValue,
} from './package-values.ts';
import type { StoreContext } from './reads.ts';

/**
 * A checked write in the form that the npm package `tablestore` needs. The parameters of a batch have other names than
 * those of a single write.
 */
interface CheckedWrite {
  /** The action and the row, for messages. */
  readonly action: string;
  readonly operation: 'putRow' | 'updateRow' | 'deleteRow';
  readonly singleParams: object;
  readonly batchParams: object;
  /** True if a repetition has the same effect and the same result. */
  readonly repeatable: boolean;
  /** Approximate size in a request, in bytes. */
  readonly bytes: number;
  /** Unique for each key. */
  readonly id: string;
}

type Columns = Readonly<Record<string, unknown>>;

/** Checks a write. Throws InvalidInput `ColumnValue` if the write is not possible. */
function checkWrite(table: Table, write: RowWrite): CheckedWrite {
  const verb = { put: 'putting', update: 'updating', delete: 'deleting' }[write.do];
  const action = `${verb} ${rowText(table, write.key)}`;
  const primaryKey = toPackageKey(table, write.key, verb);
  const condition = toPackageCondition(table, write.when, action);
  const row = { tableName: table.name, primaryKey, condition };
  const common = {
    action,
    repeatable: write.when === undefined && !(write.do === 'update' && hasAny(write.add)),
    id: keyId(table, write.key),
    bytes: 256 + estimateBytes(write.key) + (write.do === 'put' ? estimateBytes(write.columns) : 0),
  };
  if (write.do === 'delete')
    return { ...common, operation: 'deleteRow', singleParams: row, batchParams: { ...row, type: 'DELETE' } };
  if (write.do === 'put') {
    const put = { ...row, attributeColumns: toPackageColumns(table.columns, write.columns, action) };
    return { ...common, operation: 'putRow', singleParams: put, batchParams: { ...put, type: 'PUT' } };
  }
  const changes = toPackageChanges(table, write, action);
  return {
    ...common,
    operation: 'updateRow',
    bytes:
      common.bytes +
      estimateBytes(write.set ?? {}) +
      64 * (write.remove?.length ?? 0) +
      estimateBytes(write.add ?? {}),
    singleParams: { ...row, updateOfAttributeColumns: changes },
    batchParams: { ...row, attributeColumns: changes, type: 'UPDATE' },
  };
}

const hasAny = (columns: object | undefined): boolean => Object.keys(columns ?? {}).length > 0;

function estimateBytes(columns: Columns): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(columns)) {
    const payload = typeof value === 'string' || Buffer.isBuffer(value) ? Buffer.byteLength(value) : 8;
    bytes += 32 + name.length + payload;
  }
  return bytes;
}

function toPackageColumns(
  schema: ColumnSchema,
  columns: Columns,
  action: string,
): Readonly<Record<string, PackageValue>>[] {
  return Object.entries(columns).map(([name, value]) => {
    // The package would read the value of such a column as the version of the column before it.
    if (name === 'timestamp')
      throw new InvalidInput(
        'ColumnValue',
        `${action}: a column cannot have the name ${name}; choose another name`,
      );
    return { [name]: toPackageValue(schema, name, value, action) };
  });
}

function toPackageChanges(
  table: Table,
  { set = {}, remove = [], add = {} }: Extract<RowWrite, { do: 'update' }>,
  action: string,
): object[] {
  const { columns: schema } = table;
  for (const name of remove) columnTypeOf(schema, name, action);
  for (const name of Object.keys(add))
    if (columnTypeOf(schema, name, action) !== 'integer')
      throw new InvalidInput(
        'ColumnValue',
        `${action}: column ${name} is not an integer, so it cannot be incremented`,
      );
  const changes = [
    { PUT: toPackageColumns(schema, set, action) },
    { DELETE_ALL: remove },
    { INCREMENT: toPackageColumns(schema, add, action) },
  ].filter((change) => Object.values(change).some((columns) => columns.length > 0));
  if (changes.length > 0) return changes;
  throw new InvalidInput('ColumnValue', `${action}: the update changes nothing`);
}

/** The maximum number of rows in one write request. */
const ROWS_PER_WRITE = 200;
/** The service allows 4 MB in one write request. The rest is a reserve for bytes that are not counted. */
const BYTES_PER_WRITE = 3_500_000;

type WrittenRow = { readonly isOk: boolean };

/** The write methods of `TableStore`. Repeatable writes are retried. */
export function tablestoreWrites({
  request,
  limits,
  parallel,
}: StoreContext): Pick<TableStore, 'put' | 'update' | 'delete' | 'writeMany'> {
  const writeOne = async (
    table: Table,
    write: RowWrite,
    signal: AbortSignal | undefined,
  ): Promise<WriteStatus> => {
    const { operation, singleParams, action, repeatable } = checkWrite(table, write);
    try {
      await requestWithRetry(
        request,
        { operation, params: singleParams, action, repeatable },
        limits(signal),
      );
      return 'written';
    } catch (error) {
      if (isConditionUnmet(error)) return 'unmet';
      throw error;
    }
  };
  return {
    put: (table, key, columns, { when, signal } = {}) =>
      writeOne(table, { do: 'put', key, columns, when }, signal),
    update: (table, key, change, { when, signal } = {}) =>
      writeOne(table, { do: 'update', key, ...change, when }, signal),
    delete: (table, key, { when, signal } = {}) => writeOne(table, { do: 'delete', key, when }, signal),

    async writeMany(table, writes, { signal } = {}) {
      const checked = writes.map((write) => checkWrite(table, write));
      rejectDuplicateRows(checked);
      const sendBatch = async (
        items: readonly CheckedWrite[],
        attemptLimits: AttemptLimits,
      ): Promise<ItemAnswer<WrittenRow>[]> => {
        const batch = { tableName: table.name, rows: items.map(({ batchParams }) => batchParams) };
        const answer = await request('batchWriteRow', { tables: [batch] }, attemptLimits);
        return toRowAnswers((answer as { tables: WrittenRow[] }).tables);
      };
      const outcomes = checked.map((): WriteOutcome => ({ outcome: 'written' }));
      const chunks = splitIntoBatches(checked, {
        ...{ rows: ROWS_PER_WRITE, bytes: BYTES_PER_WRITE, sizeOf: ({ bytes }) => bytes },
      });
      await forEachParallel(chunks, parallel, async (chunk) => {
        const answers = await sendItemsWithRetry(
          chunk.map(({ item }) => item),
          { sendBatch, mayRepeat: (write, error) => mayRetry(error, write.repeatable) },
          limits(signal),
        );
        for (const [chunkIndex, { index, item }] of chunk.entries()) {
          const answer = answers[chunkIndex];
          if (answer !== undefined && 'error' in answer)
            outcomes[index] = toFailedOutcome(answer.error, item.action);
        }
      });
      return outcomes;
    },
  };
}

function toFailedOutcome(error: unknown, action: string): WriteOutcome {
  return isConditionUnmet(error)
    ? { outcome: 'unmet' }
    : { outcome: 'failed', error: translateOrThrow(error, action) };
}

/** Two writes of one call must not have the same row, because the order of writes is not defined. */
function rejectDuplicateRows(writes: readonly CheckedWrite[]): void {
  const seen = new Map<string, number>();
  for (const [index, { id, action }] of writes.entries()) {
    const before = seen.get(id);
    if (before !== undefined)
      throw new InvalidInput('SameRowTwice', `${action}: write ${index} has the same row as write ${before}`);
    seen.set(id, index);
  }
}
