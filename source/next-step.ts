import type { Posted } from './sink.ts';

/** What was tried with one event; counted on by `nextStep`. */
export interface Tries {
  refused: number;
  unavailable: number;
  /** Failures in a row, of a sink that is away, between each of which and the one before it took other events. */
  suspect: number;
}

export interface NextStep {
  /** It is poison: give it to the dead-letter sink, or stand still. */
  readonly setAside: boolean;
  readonly waitMs: number;
  readonly tries: number;
  /** Worth a line in the log: at first, and then ever more rarely. */
  readonly tell: boolean;
}

const FIRST_MS = 100;
const LONGEST_MS = 15_000;
/** What stands still is tried again this often. */
const STANDING_MS = 30_000;

/**
 * What to do about an event that was not accepted. Refusals make it poison after `tries`; a sink that is away does so
 * only if again and again it takes others that were posted since the last try: an outage must not empty a table into the
 * dead-letter sink, whatever was accepted just before it.
 */
export function nextStep(
  state: Tries,
  result: Exclude<Posted, { outcome: 'accepted' }>,
  { tries, othersAccepted }: { readonly tries: number; readonly othersAccepted: boolean },
): NextStep {
  if (result.outcome === 'refused') state.refused++;
  else state.unavailable++;
  state.suspect = result.outcome === 'unavailable' && othersAccepted ? state.suspect + 1 : 0;
  const count = state.refused + state.unavailable;
  const setAside = state.refused >= tries || state.suspect >= tries;
  const grown = FIRST_MS * 2 ** Math.min(count - 1, 20) * (0.75 + Math.random() / 2);
  const asked = result.outcome === 'unavailable' ? (result.afterMs ?? 0) : 0;
  const waitMs = setAside ? STANDING_MS : Math.max(asked, Math.min(grown, LONGEST_MS));
  return { setAside, waitMs, tries: count, tell: Number.isInteger(Math.log2(count)) };
}
