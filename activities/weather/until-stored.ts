import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '../../domain/errors.ts';

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/**
 * Tries again while the store is away: what was fetched is not fetched again for its sake, since calls are few. Ends
 * with the signal.
 */
export async function untilStored<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error;
      await sleep(error.afterMs ?? waitMs, undefined, { signal });
    }
  }
}
