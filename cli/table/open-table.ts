import { createRowsApi, type RowsApi } from '../../ots/rows-api.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { CommandError, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { interactiveRetryLimits, resolveTablestore, withTablestore } from '../tablestore-target.ts';

/** An existing table. */
export interface OpenTable {
  readonly name: string;
  /** Its key columns, in order. */
  readonly keyColumns: readonly string[];
  readonly rows: RowsApi;
  /** The table with its instance and address, for messages. */
  readonly where: string;
}

/** Calls `work` with a table, and returns the exit code 0. Errors of the service keep the service's message. */
export async function withTable(
  name: string | undefined,
  work: (table: OpenTable) => Promise<void>,
): Promise<number> {
  if (name === undefined) throw new UsageError('<table> is missing');
  const target = resolveTablestore(readCliConfig());
  const { endpoint, instance } = target.tablestore;
  const where = `table ${name}, instance ${instance} at ${endpoint}`;
  return withTablestore(target, where, async (transport) => {
    const description = await createTablesApi(transport, interactiveRetryLimits).describe(name);
    if (description === undefined) throw new CommandError(`${where} does not exist`);
    const rows = createRowsApi(transport, interactiveRetryLimits);
    await work({ name, keyColumns: description.primaryKey, rows, where });
    return 0;
  });
}
