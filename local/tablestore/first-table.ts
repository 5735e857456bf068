import { createTablesApi } from '../../ots/tables.ts';
import { createTransport } from '../../ots/transport.ts';

/** The table of the forecasts, there from the first start on. */
const FIRST_TABLE = { name: 'weather', keys: ['adcode', 'date'] };

/** Makes the first table, as any client would, unless it is there. */
export async function makeFirstTable(
  endpoint: string,
  instance: string,
  { keyId, secret }: { readonly keyId: string; readonly secret: string },
): Promise<void> {
  const credentials = () => ({ accessKeyId: keyId, accessKeySecret: secret });
  const transport = createTransport({ endpoint, instance, credentials, connections: 1 });
  try {
    const tables = createTablesApi(transport);
    if ((await tables.describe(FIRST_TABLE.name)) === undefined) await tables.create(FIRST_TABLE);
  } finally {
    transport.close();
  }
}
