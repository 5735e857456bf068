import type { CallLimits } from '../../domain/weather/call-budget.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { BudgetStore } from './budget-store.ts';
import type { CircuitBreakers } from './circuit-breaker.ts';

/** What the weather activities are built from. */
export interface WeatherDeps {
  readonly store: TableStore;
  readonly provider: ForecastProvider;
  readonly limits: CallLimits;
  readonly budgetStore: BudgetStore;
  /** Makes the tables that are absent; answers their names. */
  readonly makeTables: () => Promise<readonly string[]>;
  /** One gate for each run that this process works on. */
  readonly circuitBreakers: CircuitBreakers;
  readonly log: { warn(about: object, sentence: string): void };
  /** Now, in epoch ms. */
  readonly clock: () => number;
}
