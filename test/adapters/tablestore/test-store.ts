import type { TestContext } from 'node:test';
import type { TablestoreSettings } from '../../../adapters/tablestore/tablestore-store.ts';
import { createTablestoreStore } from '../../../adapters/tablestore/tablestore-store.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { message } from '../../../ots/wire/message.ts';
import { DATA_PLANE_VERSION } from '../../../ots/wire/signature.ts';
import { declareTable, type Table } from '../../../ports/table.ts';
import type { TableStore } from '../../../ports/table-store.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../../local/tablestore/running-tablestore.ts';

export const accessKeys = { accessKeyId: KEY_ID, accessKeySecret: SECRET };

export const weather = declareTable({
  name: 'weather',
  key: { adcode: 'text', date: 'text' },
  columns: { dayweather: 'text', revision: 'integer', humidity: 'double' },
});

export const numbered = declareTable({
  name: 'numbered',
  key: { n: 'integer' },
  columns: { text: 'text', integer: 'integer', double: 'double', boolean: 'boolean', binary: 'binary' },
});

export interface StoreFixture {
  readonly endpoint: string;
  readonly store: TableStore;
  /** Creates another store on the same tables. Both are closed together. */
  readonly createStore: (settings: Partial<TablestoreSettings>) => TableStore;
  readonly faults: (...rules: readonly object[]) => Promise<void>;
}

/** A local Tablestore with the two tables, and a store. Both are closed after the test. */
export async function startTestStore(t: TestContext): Promise<StoreFixture> {
  const { endpoint, stop } = await startTablestore();
  const stores: { close(): void }[] = [];
  t.after(async () => {
    for (const store of stores) store.close();
    await stop();
  });
  await createTables(endpoint, [weather, numbered]);
  const createStore = (settings: Partial<TablestoreSettings>): TableStore => {
    const store = createTablestoreStore({
      endpoint,
      instance: INSTANCE,
      credentials: () => accessKeys,
      ...settings,
    });
    stores.push(store);
    return store;
  };
  return {
    endpoint,
    store: createStore({}),
    createStore,
    faults: async (...rules) => {
      const body = JSON.stringify({ rules, seed: 7 });
      const { status } = await fetch(`${endpoint}/-/faults`, { method: 'POST', body });
      if (status !== 200) throw new Error(`the faults were answered with ${status}`);
    },
  };
}

const createTableMessage = message<object>('CreateTableRequest');
const types = { text: 'STRING', integer: 'INTEGER', binary: 'BINARY' };

/** Creates tables that keep up to `maxVersions` values of a column. */
export async function createTables(
  endpoint: string,
  tables: readonly Table[],
  maxVersions = 1,
): Promise<void> {
  const transport = createOtsTransport({
    endpoint,
    instance: INSTANCE,
    credentials: () => accessKeys,
    http: createHttpClient({ maxConnections: 32 }),
  });
  for (const { name, key } of tables) {
    const body = createTableMessage.encode({
      tableMeta: {
        tableName: name,
        primaryKey: Object.entries(key).map(([column, type]) => ({ name: column, type: types[type] })),
      },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
      tableOptions: { timeToLive: -1, maxVersions },
    });
    await transport.send({ path: '/CreateTable', version: DATA_PLANE_VERSION, body, timeoutMs: 10_000 });
  }
  transport.close();
}

/** Collects all items of an async iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The error that a promise is rejected with. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
