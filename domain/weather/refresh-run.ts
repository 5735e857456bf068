import type { ProviderFailure } from './provider-failure.ts';

/** The places that a refresh slot fetches, and the calls for them. */
export interface RefreshPlan {
  readonly provider: string;
  /** Adcodes, one list per batch. */
  readonly batches: readonly (readonly string[])[];
  /** The number of places in the catalogue that the provider can have a forecast for. */
  readonly known: number;
  /** The calls that the budget allows for this refresh slot; null: unlimited. */
  readonly allowance: number | null;
  /** The day in Beijing (`yyyy-mm-dd`) to which these calls belong; absent without an allowance. */
  readonly day?: string;
  /** The calls of the allowance that are not needed for first attempts; absent: unlimited. */
  readonly spareCalls?: number;
  /** Why the refresh slot fetches no places, or not all; '' if it fetches all. */
  readonly note: string;
}

/** The outcomes of places and rows. Each place is counted once, by its last outcome. */
export interface RefreshCounts {
  /** Places with a forecast. */
  readonly fresh: number;
  /** Places for which the provider has no forecast. */
  readonly empty: number;
  /** Failed places, by class of failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Places that were not fetched because the budget was used up. */
  readonly skipped: number;
  /** Reserved calls, whether they were made or not. Calls that were released again do not count. */
  readonly calls: number;
  /** Rows of `weather` that were written. */
  readonly written: number;
  /** Days of forecasts whose rows in `weather` did not have to be written. */
  readonly unchanged: number;
}

export interface BatchResult {
  readonly counts: RefreshCounts;
  /** The spare calls that the batch did not use; absent if there is no limit. */
  readonly spareCalls?: number;
  /** The failure that ends the whole run. */
  readonly stopped?: ProviderFailure;
}

/** The result of a run. */
export interface RefreshResult extends RefreshCounts {
  readonly slot: string;
  readonly provider: string;
  readonly places: number;
  readonly allowance: number | null;
  readonly note: string;
}

export const NO_COUNTS: RefreshCounts = {
  ...{ fresh: 0, empty: 0, failed: {}, skipped: 0, calls: 0, written: 0, unchanged: 0 },
};

export function addCounts(one: RefreshCounts, other: RefreshCounts): RefreshCounts {
  const failed = { ...one.failed };
  for (const [name, count] of Object.entries(other.failed)) failed[name] = (failed[name] ?? 0) + count;
  return {
    failed,
    fresh: one.fresh + other.fresh,
    empty: one.empty + other.empty,
    skipped: one.skipped + other.skipped,
    calls: one.calls + other.calls,
    written: one.written + other.written,
    unchanged: one.unchanged + other.unchanged,
  };
}

/** Returns the number of places with an outcome. */
export const countPlaces = ({ fresh, empty, failed, skipped }: RefreshCounts): number =>
  fresh + empty + skipped + countFailed({ failed });

export const countFailed = ({ failed }: Pick<RefreshCounts, 'failed'>): number =>
  Object.values(failed).reduce((sum, count) => sum + count, 0);
