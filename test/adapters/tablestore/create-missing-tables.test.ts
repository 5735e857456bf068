import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMissingTables } from '../../../adapters/tablestore/create-missing-tables.ts';
import { configuredTables, tableDefinitions } from '../../../domain/table-definitions.ts';
import { createTablesApi } from '../../../ots/tables-api.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../../local/tablestore/running-tablestore.ts';

const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });

test('missing tables are created, also by concurrent calls, and existing tables stay', async (t) => {
  const store = await startTablestore();
  t.after(store.stop);
  await store.makeTable('weather', ['adcode', 'date']);
  const settings = { endpoint: store.endpoint, instance: INSTANCE, credentials };
  const made = await Promise.all([1, 2, 3].map(() => createMissingTables(settings, tableDefinitions)));
  assert.deepEqual(made.flat().sort(), [
    'budgets',
    'channels',
    'deliveries',
    'freshness',
    'requests',
    'subscriptions',
  ]);
  assert.deepEqual(await createMissingTables(settings, tableDefinitions), []);
  const transport = createOtsTransport({ ...settings, http: createHttpClient({ maxConnections: 32 }) });
  t.after(() => transport.close());
  const { primaryKey } = (await createTablesApi(transport).describe('subscriptions')) ?? {};
  assert.deepEqual(primaryKey, ['adcode', 'subscriptionId']);
});

test('an error of the store is reported', async (t) => {
  const store = await startTablestore();
  t.after(store.stop);
  const wrong = () => ({ accessKeyId: 'nobody', accessKeySecret: SECRET });
  await assert.rejects(
    createMissingTables(
      { endpoint: store.endpoint, instance: INSTANCE, credentials: wrong },
      tableDefinitions,
    ),
    { name: 'OtsError', code: 'OTSAuthFailed' },
  );
});

test('an existing table gets a time to live only if the configuration names it', async (t) => {
  const store = await startTablestore();
  t.after(store.stop);
  const settings = { endpoint: store.endpoint, instance: INSTANCE, credentials };
  const transport = createOtsTransport({ ...settings, http: createHttpClient({ maxConnections: 32 }) });
  t.after(() => transport.close());
  const api = createTablesApi(transport);
  // As an earlier version of Sluice created it.
  await api.create({ name: 'weather', keys: ['adcode', 'date'], keptDays: 30 });
  const keptDaysWith = async (weather: number | 'forever' | undefined, deliveries?: number | 'forever') => {
    const tables = configuredTables({ weatherKeptDays: weather, deliveriesKeptDays: deliveries });
    await createMissingTables(settings, tables);
    const described = await Promise.all(['weather', 'deliveries'].map((name) => api.describe(name)));
    return described.map((table) => table?.keptDays);
  };
  assert.deepEqual(await keptDaysWith(undefined), [30, 90]);
  assert.deepEqual(await keptDaysWith('forever', 7), [undefined, 7]);
  assert.deepEqual(await keptDaysWith(undefined), [undefined, 7]);
  assert.deepEqual(await keptDaysWith(3, 'forever'), [3, undefined]);
  const { primaryKey, stream } = (await api.describe('weather')) ?? {};
  assert.deepEqual([primaryKey, stream?.enableStream], [['adcode', 'date'], false]);
});
