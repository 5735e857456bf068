import type { ProviderFailure } from './provider-failure.ts';

/** What a slot will fetch. */
export interface RefreshPlan {
  readonly provider: string;
  /** Places by adcode, each list for one batch. */
  readonly batches: readonly (readonly string[])[];
  /** Places of the catalogue that have a forecast of their own with this provider. */
  readonly known: number;
  /** Calls that the budget has for this slot; null: as many as one likes. */
  readonly allowance: number | null;
  /** The day in Beijing (`yyyy-mm-dd`) whose calls these are, and no other's; absent without an allowance. */
  readonly day?: string;
  /** Calls of that beyond those that are needed; absent: as many as one likes. */
  readonly spareCalls?: number;
  /** Why nothing is fetched, where that is so. */
  readonly note: string;
}

/** How places and rows came off; places are counted once, by their last outcome. */
export interface RefreshCounts {
  /** Places that gave a forecast. */
  readonly fresh: number;
  /** Places for which the provider has nothing. */
  readonly empty: number;
  /** Places without an answer, by class of failure. */
  readonly failed: Readonly<Record<string, number>>;
  /** Places for which no call was left. */
  readonly skipped: number;
  /** Calls set aside, whether they were made or not. */
  readonly calls: number;
  /** Rows of `weather`. */
  readonly written: number;
  readonly unchanged: number;
}

export interface BatchResult {
  readonly counts: RefreshCounts;
  /** What it did not need of its share of the spare calls; absent where there is no limit. */
  readonly spareCalls?: number;
  /** What ends the whole run: quota or configuration. */
  readonly stopped?: ProviderFailure;
}

/** What a run comes to. */
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

/** Places that were dealt with. */
export const countPlaces = ({ fresh, empty, failed, skipped }: RefreshCounts): number =>
  fresh + empty + skipped + countFailed({ failed });

export const countFailed = ({ failed }: Pick<RefreshCounts, 'failed'>): number =>
  Object.values(failed).reduce((sum, count) => sum + count, 0);
