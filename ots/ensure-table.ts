import { OtsError } from './errors.ts';
import type { NewTable, TablesApi } from './tables-api.ts';

/** A table that must exist. */
export interface RequiredTable extends NewTable {
  /** True if an existing table gets this `keptDays`, too. */
  readonly changesExisting?: boolean;
}

/**
 * Creates a table unless it exists. If `changesExisting` is true, changes how long an existing table keeps its rows.
 */
export async function ensureTable(
  api: TablesApi,
  table: RequiredTable,
): Promise<'created' | 'changed' | 'unchanged'> {
  const { name, keptDays, changesExisting = false } = table;
  const existing = await api.describe(name);
  if (existing !== undefined) {
    if (!changesExisting || existing.keptDays === keptDays) return 'unchanged';
    await api.changeKeptDays(name, keptDays);
    return 'changed';
  }
  try {
    await api.create(table);
    return 'created';
  } catch (error) {
    // Another process created the table at the same time.
    if (!(error instanceof OtsError) || error.code !== 'OTSObjectAlreadyExist') throw error;
    return 'unchanged';
  }
}
