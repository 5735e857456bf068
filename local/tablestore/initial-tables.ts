import { tableDefinitions } from '../../domain/table-definitions.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createHttpClient } from '../../runtime/http-client.ts';

/** Makes Sluice's tables, as any client would, unless they are there. */
export async function createInitialTables(
  endpoint: string,
  instance: string,
  { keyId, secret }: { readonly keyId: string; readonly secret: string },
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
    for (const plan of tableDefinitions)
      if ((await api.describe(plan.name)) === undefined) await api.create(plan);
  } finally {
    transport.close();
  }
}
