import { backoffMs } from '../domain/backoff.ts';
import { binaryEvent } from '../runtime/binary-event.ts';
import type { Log } from '../runtime/log.ts';
import type { ChangeEvent } from './change-event.ts';
import type { SourceMetrics } from './metrics.ts';
import type { PostEvent, Posted } from './sink.ts';

export interface FailingDeps {
  /** Where events go that the sink will not have; undefined: their channel stands still. */
  readonly deadLetter: PostEvent | undefined;
  /** Refusals after which an event is poison. */
  readonly tries: number;
  readonly metrics: SourceMetrics;
  readonly log: Log;
}

type Failure = Exclude<Posted, { outcome: 'accepted' }>;

/** An event that was not accepted at once: what was tried with it, and what it holds up. */
export class FailingEvent {
  readonly #deps: FailingDeps;
  readonly #channelId: string;
  readonly #tries: Tries = { refused: 0, unavailable: 0, suspect: 0 };
  #release: (() => void) | undefined;

  constructor(deps: FailingDeps, channelId: string) {
    this.#deps = deps;
    this.#channelId = channelId;
  }

  /**
   * What to do after a failure, in ms until the next try; undefined when the dead-letter sink has the event. `passed`
   * says whether the sink has taken others that were posted since the last try.
   */
  async failed(
    event: ChangeEvent,
    result: Failure,
    passed: boolean,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { tries, metrics } = this.#deps;
    metrics.retried(result.outcome);
    const step = nextStep(this.#tries, result, { tries, othersAccepted: passed });
    if (!step.setAside) this.#tell(event, result, step);
    else if (await this.#setAside(event, result, signal)) return undefined;
    return step.waitMs;
  }

  /** It holds nothing up any more. */
  end(): void {
    this.#release?.();
  }

  #tell(event: ChangeEvent, { reason }: Failure, { tell, tries }: NextStep): void {
    if (tell)
      this.#deps.log.warn({ ...this.#about(event), reason, tries }, 'an event could not be delivered yet');
  }

  async #setAside(event: ChangeEvent, { reason }: Failure, signal: AbortSignal): Promise<boolean> {
    const { deadLetter, metrics, log } = this.#deps;
    const about = { ...this.#about(event), reason };
    const kept = await setAside(deadLetter, event, reason, signal);
    if (kept.outcome === 'accepted') {
      metrics.delivered('dead_lettered');
      log.error(about, 'an event was given to the dead-letter sink');
      return true;
    }
    this.#release?.();
    const where = `, nor will the dead-letter sink (${kept.outcome}: ${kept.reason})`;
    this.#release = metrics.held(this.#channelId, deadLetter === undefined ? reason : `${reason}${where}`);
    log.error(
      about,
      `the sink will not have an event${deadLetter === undefined ? '' : where}: its channel stands still`,
    );
    return false;
  }

  #about({ attributes: { id, subject } }: ChangeEvent) {
    return { id, subject, channelId: this.#channelId };
  }
}

/** What was tried with one event; counted on by `nextStep`. */
export interface Tries {
  refused: number;
  unavailable: number;
  /** Failures in a row, of a sink that is away, between each of which and the one before it took other events. */
  suspect: number;
}

interface NextStep {
  /** It is poison: give it to the dead-letter sink, or stand still. */
  readonly setAside: boolean;
  readonly waitMs: number;
  readonly tries: number;
  /** Worth a line in the log: at first, and then ever more rarely. */
  readonly tell: boolean;
}

const WAITS = { firstMs: 100, longestMs: 15_000 };
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
  const asked = result.outcome === 'unavailable' ? (result.afterMs ?? 0) : 0;
  const waitMs = setAside ? STANDING_MS : Math.max(asked, backoffMs(WAITS, count));
  return { setAside, waitMs, tries: count, tell: Number.isInteger(Math.log2(count)) };
}

/**
 * Gives an event that the sink will not have to the dead-letter sink, with the reason as attribute `sluiceerror`. Where
 * that finds it too large, it gets the key without the columns: so the row is known, and its channel goes on. Without
 * a dead-letter sink nobody takes it.
 */
export async function setAside(
  deadLetter: PostEvent | undefined,
  { attributes, body, data }: ChangeEvent,
  reason: string,
  signal: AbortSignal,
): Promise<Posted> {
  if (deadLetter === undefined) return { outcome: 'unavailable', reason };
  const all = { ...attributes, sluiceerror: reason };
  const kept = await deadLetter(binaryEvent(all, body), signal);
  if (kept.outcome !== 'refused' || kept.tooLarge !== true) return kept;
  const { key, operation, base, ...columns } = data;
  // `base` is left out of JSON where it is absent.
  const less = { key, operation, base, omitted: Object.keys(columns) };
  return deadLetter(binaryEvent(all, JSON.stringify(less)), signal);
}
