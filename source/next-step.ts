import type { Posted } from './sink.ts';

/** What was tried with one event; counted on by `nextStep`. */
export interface Tries {
  refused: number;
  unavailable: number;
  /** Failures that came while the sink took other events. */
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
 * only if it takes others meanwhile: an outage must not empty a table into the dead-letter sink.
 */
export function nextStep(
  state: Tries,
  result: Exclude<Posted, { outcome: 'accepted' }>,
  { tries, othersAccepted }: { tries: number; othersAccepted: boolean },
): NextStep {
  if (result.outcome === 'refused') state.refused++;
  else state.unavailable++;
  if (result.outcome === 'unavailable' && othersAccepted) state.suspect++;
  const count = state.refused + state.unavailable;
  const setAside = state.refused >= tries || state.suspect >= tries;
  const grown = Math.min(FIRST_MS * 2 ** Math.min(count - 1, 20), LONGEST_MS);
  const asked = result.outcome === 'unavailable' ? (result.afterMs ?? 0) : 0;
  const waitMs = setAside ? STANDING_MS : Math.max(asked, grown * (0.75 + Math.random() / 2));
  return { setAside, waitMs, tries: count, tell: Number.isInteger(Math.log2(count)) };
}
