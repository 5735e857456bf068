import { OtsError, OtsUnreachable } from '../../ots/ots-error.ts';
import { createRowsApi, type RowsApi } from '../../ots/rows.ts';
import { createTablesApi } from '../../ots/tables.ts';
import { CommandError, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { openTarget, resolveTablestore } from '../tablestore-target.ts';

/** A table that is there. */
export interface OpenTable {
  readonly name: string;
  /** Its key columns, in order. */
  readonly keys: readonly string[];
  readonly rows: RowsApi;
  /** The table with its instance and address, for messages. */
  readonly where: string;
}

/** Does `work` on a table; what the service refuses is said in its own words. */
export async function withTable(
  name: string | undefined,
  work: (table: OpenTable) => Promise<void>,
): Promise<number> {
  if (name === undefined) throw new UsageError('<table> is missing');
  const target = resolveTablestore(readCliConfig());
  const { endpoint, instance } = target.tablestore;
  const where = `table ${name}, instance ${instance} at ${endpoint}`;
  const transport = openTarget(target);
  try {
    const description = await createTablesApi(transport).describe(name);
    if (description === undefined) throw new CommandError(`there is no ${where}`);
    await work({ name, keys: description.primaryKey, rows: createRowsApi(transport), where });
    return 0;
  } catch (error) {
    if (error instanceof OtsError) throw new CommandError(`${where}: ${error.code}: ${error.message}`);
    if (error instanceof OtsUnreachable) throw new CommandError(error.message);
    throw error;
  } finally {
    transport.close();
  }
}
