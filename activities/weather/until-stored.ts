import { setTimeout as sleep } from 'node:timers/promises';
import { retry } from '../../domain/backoff.ts';
import { Unavailable } from '../../domain/errors.ts';

const WAITS = { firstMs: 200, longestMs: 5_000 };
const timers = { now: () => performance.now(), sleep };

/**
 * Tries again while the store is away: what was fetched is not fetched again for its sake, since calls are few. Ends
 * with the signal.
 */
export const untilStored = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
  retry(
    work,
    {
      ...{ ...WAITS, signal },
      isRetryable: (error) => error instanceof Unavailable && !signal.aborted,
      askedMs: (error) => (error instanceof Unavailable ? error.afterMs : undefined),
    },
    timers,
  );
