import { backoffMs } from '../../domain/backoff.ts';
import type { Failure } from '../../domain/weather/provider-failure.ts';
import type { Ask } from './ask-chunk.ts';

/** Calls for the same places, by what they failed of. */
const TRIES = { throttled: 6, transient: 3, place: 1, quota: 1, configuration: 1 } as const;

type Failed = { readonly ask: Ask; readonly failure: Failure };

/** Which failed calls may be made again, those that failed least often first, and which are `lost`. */
export function askAgain(failures: readonly Failed[]): {
  readonly again: readonly Failed[];
  readonly lost: readonly Failed[];
} {
  const isAgain = ({ ask, failure }: Failed): boolean => ask.tries + 1 < TRIES[failure.class];
  return {
    again: failures
      .filter(isAgain)
      .sort((one, other) => one.ask.tries - other.ask.tries)
      .map(({ ask, failure }) => ({ ask: { adcodes: ask.adcodes, tries: ask.tries + 1 }, failure })),
    lost: failures.filter((failed) => !isAgain(failed)),
  };
}

const WAITS = { firstMs: 500, longestMs: 4_000, factor: 8 };

/** The wait before a call that has failed so often, in ms: long enough for a short outage to pass. */
export const pauseBefore = (tries: number): number => (tries === 0 ? 0 : backoffMs(WAITS, tries));
