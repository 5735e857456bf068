import { tableDefinitions } from '../../domain/table-definitions.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createHttpClient } from '../../runtime/http-client.ts';

/** Creates Sluice's tables through the API, unless they exist. */
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
    for (const definition of tableDefinitions)
      if ((await api.describe(definition.name)) === undefined) await api.create(definition);
  } finally {
    transport.close();
  }
}
