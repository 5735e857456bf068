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
  /** The day (`yyyy-mm-dd`) for which a call is reserved for it; that call's time slot has passed. */
  readonly countedOn?: string | undefined;
}

/** The maximum number of attempts for the same places, by class of failure. */
const MAX_TRIES = { throttled: 6, transient: 3, place: 1, quota: 1, configuration: 1 } as const;

type FailedCall = { readonly call: ProviderCall; readonly failure: ProviderFailure };

/** Splits failed calls into those to retry, fewest attempts first, and those that are `lost`. */
export function splitRetryable(failures: readonly FailedCall[]): {
  readonly again: readonly FailedCall[];
  readonly lost: readonly FailedCall[];
} {
  const isAgain = ({ call, failure }: FailedCall): boolean => call.tries + 1 < MAX_TRIES[failure.class];
  return {
    again: failures
      .filter(isAgain)
      .sort((one, other) => one.call.tries - other.call.tries)
      .map(({ call, failure }) => ({ call: { adcodes: call.adcodes, tries: call.tries + 1 }, failure })),
    lost: failures.filter((failed) => !isAgain(failed)),
  };
}

/**
 * Orders pending calls by failed attempts: calls that missed their time slots come before calls that failed more
 * often.
 */
export const orderByTries = (
  waiting: readonly ProviderCall[],
  again: readonly FailedCall[],
): ProviderCall[] =>
  [...waiting, ...again.map(({ call }) => call)].sort((one, other) => one.tries - other.tries);

const CALL_BACKOFF = { firstMs: 500, longestMs: 4_000, factor: 8 };

/** Returns the pause in ms before a call that has failed `tries` times. Long enough for a short outage to pass. */
export const retryPauseMs = (tries: number): number => (tries === 0 ? 0 : backoffMs(CALL_BACKOFF, tries));

/**
 * Returns the calls that a budget of `calls` cannot cover. Drops the calls with the most failed attempts first, and
 * among calls with as many attempts the last ones. A call that already has a reservation needs no budget.
 */
export function callsOverBudget(calls: readonly ProviderCall[], budget: number): ReadonlySet<ProviderCall> {
  const needing = calls.filter(({ countedOn }) => countedOn === undefined);
  return new Set(needing.sort((one, other) => one.tries - other.tries).slice(Math.max(0, budget)));
}

/**
 * Returns reserved calls that are not made to the budget. Resolves to how many were returned: 0 if that is uncertain.
 */
export function returnUnusedCalls(
  budgetStore: BudgetStore,
  calls: number,
  day: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (calls === 0 || day === undefined) return Promise.resolve(0);
  return budgetStore.returnCalls(calls, day, signal).catch((error: unknown) => {
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
