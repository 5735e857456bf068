import { OtsError } from './errors.ts';
import type { Patience } from './retry.ts';
import { dataPlaneCall } from './retry.ts';
import type { Transport } from './transport.ts';
import { message } from './wire/message.ts';

/** A table's stream of changes, as the service describes it. */
export interface StreamDetails {
  readonly enableStream: boolean;
  /** How long changes are kept, in hours. */
  readonly expirationTime?: number;
  readonly columnsToGet: readonly string[];
}

export interface TableDescription {
  readonly primaryKey: readonly string[];
  readonly stream: StreamDetails | undefined;
}

const describe = message<{ tableName: string }>('DescribeTableRequest');
const described = message<{
  tableMeta: { primaryKey: { name: string }[] };
  streamDetails?: StreamDetails;
}>('DescribeTableResponse');
const create = message<object>('CreateTableRequest');
const update = message<{ tableName: string; streamSpec: object }>('UpdateTableRequest');

const DAY_S = 86_400;
const POLICY = { firstMs: 100, longestMs: 2_000, totalMs: 35_000, deadlineMs: 15_000 };

/**
 * What a change source needs of the data plane. Not by the package `tablestore`: it neither tells nor sets the stream's
 * columns, and wants all options of a table sent again to change one.
 */
export function createTablesApi(transport: Transport, patience?: Patience) {
  const call = dataPlaneCall(transport, POLICY, patience);
  return {
    /** Undefined when there is no such table. */
    async describe(tableName: string, signal?: AbortSignal): Promise<TableDescription | undefined> {
      try {
        const answer = described.decode(await call('/DescribeTable', describe.encode({ tableName }), signal));
        return {
          primaryKey: answer.tableMeta.primaryKey.map(({ name }) => name),
          stream: answer.streamDetails,
        };
      } catch (error) {
        if (error instanceof OtsError && error.code === 'OTSObjectNotExist') return undefined;
        throw error;
      }
    },
    /** Makes a table whose key columns are all texts, that keeps one version of each column, for so many days or for ever. */
    async create(
      {
        name,
        keys,
        keptDays,
      }: { readonly name: string; readonly keys: readonly string[]; readonly keptDays?: number },
      signal?: AbortSignal,
    ) {
      const primaryKey = keys.map((key) => ({ name: key, type: 'STRING' }));
      const request = create.encode({
        tableMeta: { tableName: name, primaryKey },
        reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
        tableOptions: { timeToLive: keptDays === undefined ? -1 : keptDays * DAY_S, maxVersions: 1 },
      });
      await call('/CreateTable', request, signal);
    },
    /** Changes from now on are kept for so many hours, which cannot be changed later. */
    async enableStream(tableName: string, expirationTime: number, signal?: AbortSignal): Promise<void> {
      const streamSpec = { enableStream: true, expirationTime };
      await call('/UpdateTable', update.encode({ tableName, streamSpec }), signal);
    },
  };
}

export type TablesApi = ReturnType<typeof createTablesApi>;
