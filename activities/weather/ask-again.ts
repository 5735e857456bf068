import type { Failure } from '../../domain/weather/provider-failure.ts';
import type { Ask } from './ask-chunk.ts';
import type { BudgetBook } from './budget-book.ts';
import { untilStored } from './until-stored.ts';

/** Calls for the same places, by what they failed of. */
const TRIES = { throttled: 6, transient: 3, place: 1, quota: 1, configuration: 1 } as const;

/** After a complaint nobody calls for so long, at least, in ms; as much again at random. */
const RELIEF_MS = 400;

type Failed = { readonly ask: Ask; readonly failure: Failure };

/** Which failed calls may be made again, and which are `lost`; after a complaint everybody is slower. */
export async function askAgain(
  failures: readonly Failed[],
  book: BudgetBook,
  signal: AbortSignal,
): Promise<{ readonly again: readonly Failed[]; readonly lost: readonly Failed[] }> {
  const throttled = failures.filter(({ failure }) => failure.class === 'throttled');
  if (throttled.length > 0) {
    const asked = Math.max(...throttled.map(({ failure }) => failure.afterMs ?? 0));
    await untilStored(() => book.slow(asked + RELIEF_MS * (1 + Math.random()), signal), signal);
  }
  const isAgain = ({ ask, failure }: Failed): boolean => ask.tries + 1 < TRIES[failure.class];
  return {
    again: failures.filter(isAgain).map(({ ask, failure }) => ({
      ask: { adcodes: ask.adcodes, tries: ask.tries + 1 },
      failure,
    })),
    lost: failures.filter((failed) => !isAgain(failed)),
  };
}

/** Waits before a call that has failed so often, in ms: what passes by itself is outlived when it is short. */
export const pauseBefore = (tries: number): number =>
  tries === 0 ? 0 : Math.min(500 * 8 ** (tries - 1), 4_000) * (0.75 + Math.random() / 2);
