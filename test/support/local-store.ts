import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import { openLocalDatabase } from '../../local/database.ts';
import { createInitialTables } from '../../local/tablestore/initial-tables.ts';
import { serveTablestore } from '../../local/tablestore/server.ts';
import { createLog } from '../../runtime/log.ts';

const INSTANCE = 'sluice-local';
const ACCOUNT = { keyId: 'local', secret: 'local-secret' };

/** Starts a local Tablestore with Sluice's tables in this process, and a store that uses it. */
export async function startLocalStore() {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  const database = openLocalDatabase(dir);
  const log = createLog('test', 'silent');
  const server = await serveTablestore({ database, credentials: ACCOUNT, instance: INSTANCE, port: 0, log });
  const endpoint = `http://127.0.0.1:${server.port}`;
  await createInitialTables(endpoint, INSTANCE, ACCOUNT, tableDefinitions);
  const credentials = () => ({ accessKeyId: ACCOUNT.keyId, accessKeySecret: ACCOUNT.secret });
  const store = createTablestoreStore({ endpoint, instance: INSTANCE, credentials });
  return {
    ...{ store, endpoint },
    async stop(): Promise<void> {
      store.close();
      await server.close(0);
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
