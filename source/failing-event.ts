import { backoffMs } from '../domain/backoff.ts';
import { toBinaryEvent } from '../runtime/binary-event.ts';
import type { Log } from '../runtime/log.ts';
import type { ChangeEvent } from './change-event.ts';
import type { SourceMetrics } from './metrics.ts';
import type { PostEvent, PostResult } from './sink-client.ts';

export interface FailingEventDeps {
  /** Where events go that the sink will not have; undefined: their channel stands still. */
  readonly deadLetter: PostEvent | undefined;
  /** Refusals after which an event is poison. */
  readonly tries: number;
  readonly metrics: SourceMetrics;
  readonly log: Log;
}

type FailedPost = Exclude<PostResult, { outcome: 'accepted' }>;

/** An event that was not accepted at once: what was tried with it, and what it holds up. */
export class FailingEvent {
  readonly #deps: FailingEventDeps;
  readonly #channelId: string;
  readonly #attempts: AttemptCounts = { refused: 0, unavailable: 0, suspect: 0 };
  #release: (() => void) | undefined;

  constructor(deps: FailingEventDeps, channelId: string) {
    this.#deps = deps;
    this.#channelId = channelId;
  }

  /**
   * What to do after a failure, in ms until the next try; undefined when the dead-letter sink has the event. `passed`
   * says whether the sink has taken others that were posted since the last try.
   */
  async handleFailure(
    event: ChangeEvent,
    result: FailedPost,
    passed: boolean,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { tries, metrics } = this.#deps;
    metrics.countRetry(result.outcome);
    const step = decideRetry(this.#attempts, result, { tries, othersAccepted: passed });
    if (!step.giveUp) this.#logFailure(event, result, step);
    else if (await this.#sendToDeadLetterSink(event, result, signal)) return undefined;
    return step.waitMs;
  }

  /** It holds nothing up any more. */
  end(): void {
    this.#release?.();
  }

  #logFailure(event: ChangeEvent, { reason }: FailedPost, { shouldLog, attempts }: RetryDecision): void {
    if (shouldLog)
      this.#deps.log.warn({ ...this.#about(event), reason, attempts }, 'an event could not be delivered yet');
  }

  async #sendToDeadLetterSink(
    event: ChangeEvent,
    { reason }: FailedPost,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { deadLetter, metrics, log } = this.#deps;
    const about = { ...this.#about(event), reason };
    const kept = await sendToDeadLetterSink(deadLetter, event, reason, signal);
    if (kept.outcome === 'accepted') {
      metrics.countDelivered('dead_lettered');
      log.error(about, 'an event was given to the dead-letter sink');
      return true;
    }
    this.#release?.();
    const where = `, nor will the dead-letter sink (${kept.outcome}: ${kept.reason})`;
    this.#release = metrics.markBlocked(
      this.#channelId,
      deadLetter === undefined ? reason : `${reason}${where}`,
    );
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

/** What was tried with one event; counted on by `decideRetry`. */
export interface AttemptCounts {
  refused: number;
  unavailable: number;
  /** Failures in a row, of a sink that is away, between each of which and the one before it took other events. */
  suspect: number;
}

interface RetryDecision {
  /** It is poison: give it to the dead-letter sink, or stand still. */
  readonly giveUp: boolean;
  readonly waitMs: number;
  readonly attempts: number;
  /** Worth a line in the log: at first, and then ever more rarely. */
  readonly shouldLog: boolean;
}

const RETRY_BACKOFF = { firstMs: 100, longestMs: 15_000 };
/** What stands still is tried again this often. */
const BLOCKED_RETRY_MS = 30_000;

/**
 * What to do about an event that was not accepted. Refusals make it poison after `tries`; a sink that is away does so
 * only if again and again it takes others that were posted since the last try: an outage must not empty a table into the
 * dead-letter sink, whatever was accepted just before it.
 */
export function decideRetry(
  state: AttemptCounts,
  result: Exclude<PostResult, { outcome: 'accepted' }>,
  { tries, othersAccepted }: { readonly tries: number; readonly othersAccepted: boolean },
): RetryDecision {
  if (result.outcome === 'refused') state.refused++;
  else state.unavailable++;
  state.suspect = result.outcome === 'unavailable' && othersAccepted ? state.suspect + 1 : 0;
  const count = state.refused + state.unavailable;
  const setAside = state.refused >= tries || state.suspect >= tries;
  const retryAfterMs = result.outcome === 'unavailable' ? (result.afterMs ?? 0) : 0;
  const waitMs = setAside ? BLOCKED_RETRY_MS : Math.max(retryAfterMs, backoffMs(RETRY_BACKOFF, count));
  return { giveUp: setAside, waitMs, attempts: count, shouldLog: Number.isInteger(Math.log2(count)) };
}

/**
 * Gives an event that the sink will not have to the dead-letter sink, with the reason as attribute `sluiceerror`. Where
 * that finds it too large, it gets the key without the columns: so the row is known, and its channel goes on. Without
 * a dead-letter sink nobody takes it.
 */
export async function sendToDeadLetterSink(
  deadLetter: PostEvent | undefined,
  { attributes, body, data }: ChangeEvent,
  reason: string,
  signal: AbortSignal,
): Promise<PostResult> {
  if (deadLetter === undefined) return { outcome: 'unavailable', reason };
  const all = { ...attributes, sluiceerror: reason };
  const kept = await deadLetter(toBinaryEvent(all, body), signal);
  if (kept.outcome !== 'refused' || kept.tooLarge !== true) return kept;
  const { key, operation, base, ...columns } = data;
  // `base` is left out of JSON where it is absent.
  const less = { key, operation, base, omitted: Object.keys(columns) };
  return deadLetter(toBinaryEvent(all, JSON.stringify(less)), signal);
}
