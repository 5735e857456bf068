import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../domain/backoff.ts';
import { Unavailable } from '../../domain/errors.ts';
import { retry } from '../../domain/retry.ts';
import type { ProviderFailure } from '../../domain/weather/provider-failure.ts';
import type { BudgetStore } from './budget-store.ts';

/** One call to the provider for one or more places. */
export interface ProviderCall {
  readonly adcodes: readonly string[];
  /** Failed attempts so far. */
  readonly tries: number;
  /**
   * The day (`yyyy-mm-dd`) for which this call is already counted in the budget. The call missed its start time, so it
   * needs a new one.
   */
  readonly reservedFor?: string | undefined;
}

/** The maximum number of attempts for the same places, by class of failure. */
const MAX_TRIES = { throttled: 6, transient: 3, place: 1, quota: 1, configuration: 1 } as const;

type FailedCall = { readonly call: ProviderCall; readonly failure: ProviderFailure };

/** Splits failed calls into those to retry, fewest attempts first, and those that have failed for good. */
export function splitRetryable(failures: readonly FailedCall[]): {
  readonly retryable: readonly FailedCall[];
  readonly failedForGood: readonly FailedCall[];
} {
  const isRetryableCall = ({ call, failure }: FailedCall): boolean =>
    call.tries + 1 < MAX_TRIES[failure.class];
  return {
    retryable: failures
      .filter(isRetryableCall)
      .sort((one, other) => one.call.tries - other.call.tries)
      .map(({ call, failure }) => ({ call: { adcodes: call.adcodes, tries: call.tries + 1 }, failure })),
    failedForGood: failures.filter((failed) => !isRetryableCall(failed)),
  };
}

/**
 * Orders pending calls by the number of failed attempts, fewest first. A call that missed its start time has not
 * failed, so its number stays the same.
 */
export const orderByTries = (
  waiting: readonly ProviderCall[],
  retryable: readonly FailedCall[],
): ProviderCall[] =>
  [...waiting, ...retryable.map(({ call }) => call)].sort((one, other) => one.tries - other.tries);

const CALL_BACKOFF = { firstMs: 500, longestMs: 4_000, factor: 8 };

/** Returns the pause in ms before a call that has failed `tries` times. Long enough for a short outage to pass. */
export const retryPauseMs = (tries: number): number => (tries === 0 ? 0 : backoffMs(CALL_BACKOFF, tries));

/**
 * Returns the calls that exceed a budget of `budget` calls: the calls with the most failed attempts. Of calls
 * with equally many attempts, returns the last ones. A call that already has a reservation needs no budget.
 */
export function callsOverBudget(calls: readonly ProviderCall[], budget: number): ReadonlySet<ProviderCall> {
  const unreserved = calls.filter(({ reservedFor }) => reservedFor === undefined);
  return new Set(unreserved.sort((one, other) => one.tries - other.tries).slice(Math.max(0, budget)));
}

/**
 * Releases `calls` calls that were reserved for `day` and are not made: the budget no longer counts them. Resolves to
 * the number of released calls, or to 0 if the number is uncertain.
 */
export function releaseUnusedCalls(
  budgetStore: BudgetStore,
  calls: number,
  day: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (calls === 0 || day === undefined) return Promise.resolve(0);
  return budgetStore.releaseCalls(calls, day, signal).catch((error: unknown) => {
    if (error instanceof Unavailable) return 0;
    throw error;
  });
}

const STORE_BACKOFF = { firstMs: 200, longestMs: 5_000 };
const timers = { now: () => performance.now(), sleep };

/**
 * Retries `work` while the store is unavailable, so that forecasts already fetched are not fetched again: calls are
 * scarce. Stops when `signal` aborts.
 */
export const retryStore = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
  retry(
    work,
    {
      ...{ ...STORE_BACKOFF, signal },
      isRetryable: (error) => error instanceof Unavailable && !signal.aborted,
      retryAfterMs: (error) => (error instanceof Unavailable ? error.afterMs : undefined),
    },
    timers,
  );
