import type { CallLimits } from '../../domain/weather/call-budget.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { BudgetStore } from './budget-store.ts';
import type { CircuitBreakers } from './circuit-breaker.ts';

/** The dependencies of the weather activities. */
export interface WeatherDeps {
  readonly store: TableStore;
  readonly provider: ForecastProvider;
  readonly limits: CallLimits;
  readonly budgetStore: BudgetStore;
  /** Creates missing tables and resolves to their names. */
  readonly createMissingTables: () => Promise<readonly string[]>;
  /** One circuit breaker for each run that this process works on. */
  readonly circuitBreakers: CircuitBreakers;
  readonly log: { warn(about: object, message: string): void };
  /** Now, in epoch ms. */
  readonly clock: () => number;
}
