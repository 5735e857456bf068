import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMissingTables } from '../../../adapters/tablestore/create-missing-tables.ts';
import { tableDefinitions } from '../../../domain/table-definitions.ts';
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
  assert.deepEqual(made.flat().sort(), ['budgets', 'freshness', 'subscriptions']);
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
