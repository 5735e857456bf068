import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import { type DesiredTunnel, provision } from '../../source/provision.ts';
import { undoAfter } from '../local/local-cloud.ts';
import { startSourceTablestore } from '../support/source-tablestore.ts';

test('a missing stream and a missing tunnel are created once', async (t) => {
  const { endpoint, account, tunnels } = await startSourceTablestore(t);
  const transport = createOtsTransport({
    ...{ endpoint, instance: 'sluice-local', http: createHttpClient({ maxConnections: 1 }) },
    credentials: () => ({ accessKeyId: account.keyId, accessKeySecret: account.secret }),
  });
  undoAfter(t, async () => transport.close());
  const tables = createTablesApi(transport);
  const desired: DesiredTunnel = {
    ...{ table: 'weather', tunnel: 'sluice', base: false, start: 'latest' as const },
    ...{ streamHours: 24, keyColumns: [] },
  };
  const { signal } = new AbortController();
  const first = await provision(tables, tunnels, desired, signal);
  assert.deepEqual(first.created, [
    'stream of table weather, which keeps changes for 24 h',
    'tunnel sluice of table weather, type Stream',
  ]);
  assert.equal((await tables.describe('weather'))?.stream?.enableStream, true);
  const second = await provision(tables, tunnels, desired, signal);
  assert.deepEqual(second, { tunnelId: first.tunnelId, created: [], drift: [] });
});
