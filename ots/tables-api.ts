import type { RetryLimits } from './call-with-retry.ts';
import { createDataPlaneCall } from './call-with-retry.ts';
import { OtsError } from './errors.ts';
import type { OtsTransport } from './transport.ts';
import { message } from './wire/message.ts';

/** The stream of a table, as the service describes it. */
export interface StreamDetails {
  readonly enableStream: boolean;
  /** How long changes are kept, in hours. */
  readonly expirationTime?: number;
  readonly columnsToGet: readonly string[];
}

/** A table to create. Its key columns have the type text. */
export interface NewTable {
  readonly name: string;
  readonly keys: readonly string[];
  readonly keptDays?: number;
}

export interface TableDescription {
  readonly primaryKey: readonly string[];
  /**
   * A row expires this many days after its last change; absent: never. Not a whole number if another program chose it.
   */
  readonly keptDays?: number;
  readonly stream: StreamDetails | undefined;
}

const describeTableRequestMessage = message<{ tableName: string }>('DescribeTableRequest');
const describeTableResponseMessage = message<{
  tableMeta: { primaryKey: { name: string }[] };
  tableOptions: { timeToLive?: number };
  streamDetails?: StreamDetails;
}>('DescribeTableResponse');
const createTableRequestMessage = message<object>('CreateTableRequest');
const updateTableRequestMessage = message<{ tableName: string; streamSpec?: object; tableOptions?: object }>(
  'UpdateTableRequest',
);

const DAY_S = 86_400;

/** Tablestore's value for rows that never expire is -1. */
const timeToLive = (keptDays: number | undefined): number => (keptDays === undefined ? -1 : keptDays * DAY_S);
const CALL_POLICY = { firstMs: 100, longestMs: 2_000, totalMs: 35_000, timeoutMs: 15_000 };

/**
 * Creates, describes and changes tables, and enables streams. The package `tablestore` is not used here, because it
 * cannot read or set the stream's columns. Also, it cannot change one table option without sending all of them.
 */
export function createTablesApi(transport: OtsTransport, limits?: RetryLimits) {
  const call = createDataPlaneCall(transport, CALL_POLICY, limits);
  return {
    /** Returns undefined if the table does not exist. */
    async describe(tableName: string, signal?: AbortSignal): Promise<TableDescription | undefined> {
      try {
        const answer = describeTableResponseMessage.decode(
          await call('/DescribeTable', describeTableRequestMessage.encode({ tableName }), signal),
        );
        const { timeToLive: seconds = -1 } = answer.tableOptions;
        return {
          primaryKey: answer.tableMeta.primaryKey.map(({ name }) => name),
          ...(seconds < 0 ? {} : { keptDays: seconds / DAY_S }),
          stream: answer.streamDetails,
        };
      } catch (error) {
        if (error instanceof OtsError && error.code === 'OTSObjectNotExist') return undefined;
        throw error;
      }
    },
    /**
     * Creates a table with string key columns and one version per column. Rows expire `keptDays` days after their
     * last change. Without `keptDays`, they never expire.
     */
    async create({ name, keys, keptDays }: NewTable, signal?: AbortSignal) {
      const primaryKey = keys.map((key) => ({ name: key, type: 'STRING' }));
      const request = createTableRequestMessage.encode({
        tableMeta: { tableName: name, primaryKey },
        reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
        tableOptions: { timeToLive: timeToLive(keptDays), maxVersions: 1 },
      });
      await call('/CreateTable', request, signal);
    },
    /**
     * Changes the number of days after which rows expire, counted from a row's last change. Undefined: rows never
     * expire. Rows that are already older expire at once.
     */
    async changeKeptDays(
      tableName: string,
      keptDays: number | undefined,
      signal?: AbortSignal,
    ): Promise<void> {
      const tableOptions = { timeToLive: timeToLive(keptDays) };
      await call('/UpdateTable', updateTableRequestMessage.encode({ tableName, tableOptions }), signal);
    },
    /** Enables the stream. The stream keeps changes for `expirationTime` hours. This time cannot be changed later. */
    async enableStream(tableName: string, expirationTime: number, signal?: AbortSignal): Promise<void> {
      const streamSpec = { enableStream: true, expirationTime };
      await call('/UpdateTable', updateTableRequestMessage.encode({ tableName, streamSpec }), signal);
    },
  };
}

export type TablesApi = ReturnType<typeof createTablesApi>;
