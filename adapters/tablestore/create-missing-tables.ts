import type { TableDefinition } from '../../domain/table-definitions.ts';
import { ensureTable } from '../../ots/ensure-table.ts';
import { isUnknownKey } from '../../ots/errors.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import type { TablestoreSettings } from './tablestore-store.ts';

/** Limits for all tables together. They are short, so that a process does not wait long for an unavailable store. */
const RETRY_LIMITS = {
  totalMs: 10_000,
  isFinal: isUnknownKey,
};

/**
 * Creates missing tables with Sluice's own client, as the source does. Returns their names. Existing tables get the
 * configured time to live.
 */
export async function createMissingTables(
  { endpoint, instance, credentials }: TablestoreSettings,
  definitions: readonly TableDefinition[],
): Promise<string[]> {
  const transport = createOtsTransport({
    endpoint,
    instance,
    credentials,
    http: createHttpClient({ maxConnections: 1 }),
  });
  const api = createTablesApi(transport, RETRY_LIMITS);
  const created: string[] = [];
  try {
    for (const definition of definitions)
      if ((await ensureTable(api, definition)) === 'created') created.push(definition.name);
    return created;
  } finally {
    transport.close();
  }
}
