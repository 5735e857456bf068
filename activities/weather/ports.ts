import type { CallLimits } from '../../domain/weather/call-budget.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { BudgetBook } from './budget-book.ts';
import type { RunGates } from './run-gate.ts';

/** What the weather activities are built from. */
export interface WeatherDeps {
  readonly store: TableStore;
  readonly provider: ForecastProvider;
  readonly limits: CallLimits;
  readonly book: BudgetBook;
  /** Makes the tables that are absent; answers their names. */
  readonly makeTables: () => Promise<readonly string[]>;
  /** One gate for each run that this process works on. */
  readonly gates: RunGates;
  readonly log: { warn(about: object, sentence: string): void };
  /** Now, in epoch ms. */
  readonly clock: () => number;
}
