import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, retry } from '../../domain/backoff.ts';
import { Unavailable } from '../../domain/errors.ts';
import type { ProviderFailure } from '../../domain/weather/provider-failure.ts';
import type { BudgetStore } from './budget-store.ts';

/** Places that are asked for in one call. */
export interface ProviderCall {
  readonly adcodes: readonly string[];
  /** Calls that were made in vain. */
  readonly tries: number;
  /** A call was set aside for it, for this day (`yyyy-mm-dd`), and its instant has passed. */
  readonly countedOn?: string | undefined;
}

/** Calls for the same places, by what they failed of. */
const MAX_TRIES = { throttled: 6, transient: 3, place: 1, quota: 1, configuration: 1 } as const;

type FailedCall = { readonly ask: ProviderCall; readonly failure: ProviderFailure };

/** Which failed calls may be made again, those that failed least often first, and which are `lost`. */
export function splitRetryable(failures: readonly FailedCall[]): {
  readonly again: readonly FailedCall[];
  readonly lost: readonly FailedCall[];
} {
  const isAgain = ({ ask, failure }: FailedCall): boolean => ask.tries + 1 < MAX_TRIES[failure.class];
  return {
    again: failures
      .filter(isAgain)
      .sort((one, other) => one.ask.tries - other.ask.tries)
      .map(({ ask, failure }) => ({ ask: { adcodes: ask.adcodes, tries: ask.tries + 1 }, failure })),
    lost: failures.filter((failed) => !isAgain(failed)),
  };
}

/** What is still to be asked for, in turn: what missed its instant comes before what failed more often. */
export const orderByTries = (
  waiting: readonly ProviderCall[],
  again: readonly FailedCall[],
): ProviderCall[] =>
  [...waiting, ...again.map(({ ask }) => ask)].sort((one, other) => one.tries - other.tries);

const CALL_BACKOFF = { firstMs: 500, longestMs: 4_000, factor: 8 };

/** The wait before a call that has failed so often, in ms: long enough for a short outage to pass. */
export const retryPauseMs = (tries: number): number => (tries === 0 ? 0 : backoffMs(CALL_BACKOFF, tries));

/**
 * Which asks have no call where only so many are left: first those that were made in vain most often, and last the ones
 * never made, of which the last go first. One for which a call is set aside already needs none.
 */
export function callsOverBudget(asks: readonly ProviderCall[], calls: number): ReadonlySet<ProviderCall> {
  const needing = asks.filter(({ countedOn }) => countedOn === undefined);
  return new Set(needing.sort((one, other) => one.tries - other.tries).slice(Math.max(0, calls)));
}

/** Gives back calls that were set aside for a day and are not made; answers how many, none where in doubt. */
export function returnUnusedCalls(
  book: BudgetStore,
  calls: number,
  day: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (calls === 0 || day === undefined) return Promise.resolve(0);
  return book.returnCalls(calls, day, signal).catch((error: unknown) => {
    if (error instanceof Unavailable) return 0;
    throw error;
  });
}

const STORE_BACKOFF = { firstMs: 200, longestMs: 5_000 };
const timers = { now: () => performance.now(), sleep };

/**
 * Tries again while the store is away: what was fetched is not fetched again for its sake, since calls are few. Ends
 * with the signal.
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
