import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalDatabase } from '../../../local/database.ts';
import { serveTablestore } from '../../../local/tablestore/server.ts';
import { createTablesApi } from '../../../ots/tables-api.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { createLog } from '../../../runtime/log.ts';

export const INSTANCE = 'sluice-local';
export const KEY_ID = 'local';
export const SECRET = 'local-secret';

export interface RunningTablestore {
  readonly endpoint: string;
  /** Creates a table with string key columns. */
  readonly makeTable: (name: string, keys: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a local Tablestore in this process, on a free port, with a directory that is deleted when it stops. */
export async function startTablestore({
  clock,
  partitions,
}: {
  readonly clock?: () => number;
  readonly partitions?: number;
} = {}): Promise<RunningTablestore> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-tablestore-'));
  const database = openLocalDatabase(dir);
  const server = await serveTablestore({
    database,
    credentials: { keyId: KEY_ID, secret: SECRET },
    instance: INSTANCE,
    port: 0,
    log: createLog('tablestore', 'silent'),
    ...(clock === undefined ? {} : { clock }),
    ...(partitions === undefined ? {} : { partitions }),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    endpoint,
    makeTable: async (name, keys) => {
      const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });
      const transport = createOtsTransport({
        endpoint,
        instance: INSTANCE,
        credentials,
        http: createHttpClient({ maxConnections: 32 }),
      });
      await createTablesApi(transport).create({ name, keys });
      transport.close();
    },
    stop: async () => {
      await server.close(0);
      await database.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
