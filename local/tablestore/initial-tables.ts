import type { TableDefinition } from '../../domain/table-definitions.ts';
import { ensureTable } from '../../ots/ensure-table.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createHttpClient } from '../../runtime/http-client.ts';

/** Creates tables through the API, unless they exist. Existing tables get the configured time to live. */
export async function createInitialTables(
  endpoint: string,
  instance: string,
  { keyId, secret }: { readonly keyId: string; readonly secret: string },
  definitions: readonly TableDefinition[],
): Promise<void> {
  const credentials = () => ({ accessKeyId: keyId, accessKeySecret: secret });
  const transport = createOtsTransport({
    endpoint,
    instance,
    credentials,
    http: createHttpClient({ maxConnections: 1 }),
  });
  try {
    const api = createTablesApi(transport);
    for (const definition of definitions) await ensureTable(api, definition);
  } finally {
    transport.close();
  }
}
