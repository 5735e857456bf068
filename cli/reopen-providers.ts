import { BudgetStore } from '../activities/weather/budget-store.ts';
import { createTablestoreStore } from '../adapters/tablestore/tablestore-store.ts';
import { InvalidInput, messageOf, Unavailable } from '../domain/errors.ts';
import { budgetsTable } from '../ports/weather-tables.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import { CommandError } from './command.ts';
import type { CliConfig } from './config.ts';
import { resolveTablestore } from './tablestore-target.ts';
import { oneLine } from './terminal-text.ts';

/** Short, because a person waits. */
const RETRY_LIMITS = { tryMs: 2_000, totalMs: 5_000, unknownKeyIsFinal: true };

/** BudgetStore requires limits, but `reopenProvider` does not use them. */
const PLACEHOLDER_LIMITS = { perSecond: 1 };

/**
 * Reopens every closed provider. Prints the name of the table, and the providers that were closed.
 * @throws CommandError if Tablestore does not answer or the table `budgets` does not exist
 */
export async function reopenProviders(config: CliConfig, print: (sentence: string) => void): Promise<void> {
  const { tablestore, from } = resolveTablestore(config);
  const { endpoint = '', instance } = tablestore;
  const where = `table ${budgetsTable.name}, instance ${instance} at ${endpoint}`;
  print(`${where} (from ${from})`);
  const credentials = tablestoreCredentials(tablestore, () => undefined);
  const store = createTablestoreStore({ endpoint, instance, credentials, ...RETRY_LIMITS });
  try {
    const reopened: string[] = [];
    for await (const { key } of store.range(budgetsTable)) {
      const previousState = await new BudgetStore(
        store,
        key.provider,
        PLACEHOLDER_LIMITS,
        Date.now,
      ).reopenProvider();
      if (previousState === undefined) continue;
      const until = new Date(previousState.untilMs).toISOString();
      reopened.push(
        `${key.provider}, which was closed until ${until} (${oneLine(previousState.because, 200)})`,
      );
    }
    print(reopened.length === 0 ? 'no provider is closed' : `reopened: ${reopened.join('; ')}`);
  } catch (error) {
    if (error instanceof InvalidInput || error instanceof Unavailable)
      throw new CommandError(`${where}: ${messageOf(error)}`);
    throw error;
  } finally {
    store.close();
  }
}
