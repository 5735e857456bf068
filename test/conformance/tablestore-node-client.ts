import TableStore from 'tablestore';
import { INSTANCE, KEY_ID, SECRET } from '../local/tablestore/running-tablestore.ts';
import type {
  BatchedWrite,
  Call,
  Client,
  Condition,
  Outcome,
  Put,
  Settings,
  Update,
} from './tablestore-case.ts';
import {
  fromSdkKey,
  fromSdkRow,
  toSdkColumns,
  toSdkFilter,
  toSdkKey,
  toSdkReadOptions,
  toSdkValue,
} from './tablestore-node-values.ts';

/** The unmodified Node.js SDK. Its types are incomplete, so parameters and results are untyped. */
export function nodeClient(endpoint: string): Client {
  const options = {
    endpoint,
    instancename: INSTANCE,
    accessKeyId: KEY_ID,
    secretAccessKey: SECRET,
    maxRetries: 0,
    httpOptions: { timeout: 10_000, maxSockets: 10 },
  };
  const client = new TableStore.Client(options);
  return {
    name: 'node',
    async run(cases) {
      const outcomes: Outcome[][] = [];
      for (const { calls } of cases) {
        const caseOutcomes: Outcome[] = [];
        for (const call of calls) caseOutcomes.push(await outcomeOf(client, call));
        outcomes.push(caseOutcomes);
      }
      return outcomes;
    },
  };
}

type Params = Readonly<Record<string, unknown>>;

async function outcomeOf(client: TableStore.Client, call: Call): Promise<Outcome> {
  const params = paramsOf(call);
  try {
    return { result: resultOf(call, await Object(client)[call.op](params)) };
  } catch (error) {
    return { error: serviceErrorIn(error) };
  }
}

const MESSAGE_TAG = '\u0012';
/** The SDK decodes a length of two bytes as UTF-8. The first byte becomes this character. */
const REPLACEMENT_CHARACTER = '\ufffd';

/** The SDK decodes an error as text: tag, length, code, tag, length, message, and a request id that the SDK adds. */
function serviceErrorIn(error: unknown): { status: number; code: string; message: string } {
  const { code: status, message: bytes } = Object(error);
  if (typeof status !== 'number' || typeof bytes !== 'string' || !bytes.startsWith('\n')) throw error;
  const tag = bytes.indexOf(MESSAGE_TAG);
  const sized = bytes.slice(tag + 1).replace(/ requestId:[^ ]*$/, '');
  return {
    status,
    code: bytes.slice(2, tag),
    message: sized.slice(sized.startsWith(REPLACEMENT_CHARACTER) ? 2 : 1),
  };
}

const settingsIn = ({ timeToLive = -1, maxVersions = 1, deviation }: Settings) => ({
  tableOptions: {
    timeToLive,
    maxVersions,
    ...(deviation === undefined ? {} : { maxTimeDeviation: deviation }),
  },
});

const types: Readonly<Record<string, number>> = TableStore.PrimaryKeyType;

function paramsOf(call: Call): Params {
  switch (call.op) {
    case 'listTable':
      return {};
    case 'describeTable':
    case 'deleteTable':
      return { tableName: call.table };
    case 'createTable': {
      const primaryKey = call.keys.map(([name, type = '', option]) => ({
        name,
        type: types[type],
        ...(option === undefined ? {} : { option: TableStore.PrimaryKeyOption.AUTO_INCREMENT }),
      }));
      const reservedThroughput = { capacityUnit: { read: 0, write: 0 } };
      return { tableMeta: { tableName: call.table, primaryKey }, reservedThroughput, ...settingsIn(call) };
    }
    case 'updateTable':
      return { tableName: call.table, ...settingsIn(call) };
    case 'putRow':
      return { tableName: call.table, ...putIn(call) };
    case 'updateRow':
      return { tableName: call.table, ...writeIn(call), updateOfAttributeColumns: changesIn(call) };
    case 'deleteRow':
      return { tableName: call.table, ...writeIn(call) };
    case 'getRow':
      return { tableName: call.table, primaryKey: toSdkKey(call.key), ...toSdkReadOptions(call) };
    case 'getRange':
      return {
        tableName: call.table,
        direction: TableStore.Direction[call.direction ?? 'FORWARD'],
        inclusiveStartPrimaryKey: toSdkKey(call.start),
        exclusiveEndPrimaryKey: toSdkKey(call.end),
        ...(call.limit === undefined ? {} : { limit: call.limit }),
        ...toSdkReadOptions(call),
      };
    case 'batchGetRow':
      return {
        tables: call.tables.map((table) => ({
          tableName: table.table,
          primaryKey: table.keys.map(toSdkKey),
          ...toSdkReadOptions(table),
        })),
      };
    case 'batchWriteRow':
      return {
        tables: call.tables.map(({ table, rows }) => ({ tableName: table, rows: rows.map(batchedIn) })),
      };
  }
}

function conditionIn({ row = 'ignore', filter }: Condition = {}): TableStore.Condition {
  const rows = { ignore: 'IGNORE', exist: 'EXPECT_EXIST', absent: 'EXPECT_NOT_EXIST' } as const;
  const existence = TableStore.RowExistenceExpectation[rows[row]];
  return new TableStore.Condition(existence, filter === undefined ? null : toSdkFilter(filter));
}

const writeIn = ({ key, condition, returnKey = false }: Pick<Put, 'key' | 'condition' | 'returnKey'>) => ({
  primaryKey: toSdkKey(key),
  condition: conditionIn(condition),
  ...(returnKey ? { returnContent: { returnType: TableStore.ReturnType.Primarykey } } : {}),
});

const putIn = (write: Put) => ({ ...writeIn(write), attributeColumns: toSdkColumns(write.columns) });

const changesIn = ({ put = [], deleteVersions = [], deleteColumns = [], increment = [] }: Update): Params[] =>
  [
    { PUT: toSdkColumns(put) },
    { DELETE: deleteVersions.map(([name, time]) => ({ [name]: TableStore.Long.fromNumber(time) })) },
    { DELETE_ALL: deleteColumns },
    { INCREMENT: increment.map(([name, value]) => ({ [name]: toSdkValue(value) })) },
  ].filter((change) => Object.values(change).some((columns) => columns.length > 0));

function batchedIn(write: BatchedWrite): Params {
  if (write.op === 'put') return { type: 'PUT', ...putIn(write) };
  if (write.op === 'update') return { type: 'UPDATE', ...writeIn(write), attributeColumns: changesIn(write) };
  return { type: 'DELETE', ...writeIn(write) };
}

function resultOf(call: Call, data: unknown): unknown {
  const answer = Object(data);
  switch (call.op) {
    case 'listTable':
      return { tables: answer.tableNames ?? answer.table_names };
    case 'describeTable':
      return {
        keys: answer.tableMeta.primaryKey.map(({ name, type }: { name: string; type: number }) => [
          name,
          Object.keys(types).find((each) => types[each] === type),
        ]),
        ...settingsOut(answer.tableOptions),
      };
    case 'updateTable':
      return settingsOut(answer.tableOptions);
    case 'getRow':
      return { row: fromSdkRow(answer.row, call) };
    case 'getRange':
      return {
        rows: answer.rows.map((row: unknown) => fromSdkRow(row, call)),
        next: answer.nextStartPrimaryKey ? fromSdkKey(answer.nextStartPrimaryKey) : null,
      };
    case 'batchGetRow':
      return {
        rows: answer.tables.flatMap((rows: readonly unknown[], table: number) =>
          rows.map((row) => batchedOut(row, { row: fromSdkRow(row, call.tables[table] ?? {}) })),
        ),
      };
    case 'batchWriteRow':
      return { rows: answer.tables.map((row: unknown) => batchedOut(row, {})) };
    default:
      return {};
  }
}

const settingsOut = (options: Params) => ({
  timeToLive: options.timeToLive,
  maxVersions: options.maxVersions,
  deviation: Number(options.deviationCellVersionInSec),
});

function batchedOut(row: unknown, result: object): object {
  const { isOk, errorCode, errorMessage } = Object(row);
  return isOk ? { ok: true, ...result } : { ok: false, code: errorCode, message: errorMessage };
}
