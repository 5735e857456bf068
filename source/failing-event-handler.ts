import { backoffMs } from '../domain/backoff.ts';
import { toBinaryEvent } from '../runtime/binary-event.ts';
import type { Log } from '../runtime/log.ts';
import type { ChangeEvent } from './change-event.ts';
import type { SourceMetrics } from './metrics.ts';
import type { PostEvent, PostResult } from './sink-client.ts';

export interface FailingEventDeps {
  /** The dead-letter sink. If undefined, an event that the source gives up blocks its channel. */
  readonly deadLetter: PostEvent | undefined;
  /** The number of attempts after which the source gives an event up. */
  readonly tries: number;
  readonly metrics: SourceMetrics;
  readonly log: Log;
}

type FailedPost = Exclude<PostResult, { outcome: 'accepted' }>;

/** Handles an event whose first attempt failed: counts the attempts, and blocks the channel if necessary. */
export class FailingEventHandler {
  readonly #deps: FailingEventDeps;
  readonly #channelId: string;
  readonly #attempts: AttemptCounts = { refused: 0, unavailable: 0, unavailableAlone: 0 };
  #unblock: (() => void) | undefined;

  constructor(deps: FailingEventDeps, channelId: string) {
    this.#deps = deps;
    this.#channelId = channelId;
  }

  /**
   * Handles a failed attempt. Returns the wait before the next attempt in ms, or undefined if the dead-letter sink has
   * accepted the event. `othersAccepted`: the sink has accepted other events that were posted since the last attempt.
   */
  async handleFailure(
    event: ChangeEvent,
    result: FailedPost,
    othersAccepted: boolean,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { tries, metrics } = this.#deps;
    metrics.countFailedAttempt(result.outcome);
    const step = decideRetry(this.#attempts, result, { tries, othersAccepted });
    if (!step.giveUp) this.#logFailure(event, result, step);
    else if (await this.#sendToDeadLetterSink(event, result, signal)) return undefined;
    return step.waitMs;
  }

  /** Unblocks the channel. */
  unblockChannel(): void {
    this.#unblock?.();
  }

  #logFailure(event: ChangeEvent, { reason }: FailedPost, { shouldLog, attempts }: RetryDecision): void {
    if (shouldLog)
      this.#deps.log.warn({ ...this.#about(event), reason, attempts }, 'cannot deliver an event, retrying');
  }

  async #sendToDeadLetterSink(
    event: ChangeEvent,
    { reason }: FailedPost,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { deadLetter, metrics, log } = this.#deps;
    const about = { ...this.#about(event), reason };
    const result = await sendToDeadLetterSink(deadLetter, event, reason, signal);
    if (result.outcome === 'accepted') {
      metrics.countDelivered('dead_lettered');
      log.error(about, 'sent an event to the dead-letter sink');
      return true;
    }
    this.#unblock?.();
    const deadLetterProblem = `, and the dead-letter sink does not accept it either (${result.outcome}: ${result.reason})`;
    this.#unblock = metrics.markBlocked(
      this.#channelId,
      deadLetter === undefined ? reason : `${reason}${deadLetterProblem}`,
    );
    log.error(
      about,
      `the channel is blocked: the sink does not accept an event${deadLetter === undefined ? '' : deadLetterProblem}`,
    );
    return false;
  }

  #about({ attributes: { id, subject } }: ChangeEvent) {
    return { id, subject, channelId: this.#channelId };
  }
}

/** The failed attempts of one event; `decideRetry` updates them. */
export interface AttemptCounts {
  refused: number;
  unavailable: number;
  /**
   * The number of consecutive retries that failed only for this event: the sink was unavailable for the retry,
   * although it had accepted another event that was posted after the previous attempt.
   */
  unavailableAlone: number;
}

interface RetryDecision {
  /** Give the event up: send it to the dead-letter sink, or block the channel. */
  readonly giveUp: boolean;
  readonly waitMs: number;
  readonly attempts: number;
  /** True for attempts 1, 2, 4, 8, …, so that the log gets fewer lines over time. */
  readonly shouldLog: boolean;
}

const RETRY_BACKOFF = { firstMs: 100, longestMs: 15_000 };
/** The wait before each retry of an event that blocks its channel. */
const BLOCKED_RETRY_MS = 30_000;

/**
 * Decides what to do with an event that was not accepted. The source gives the event up after `tries` rejections. If
 * the sink is unavailable, the source retries without end, so an outage never sends a whole table to the dead-letter
 * sink. There is one exception: the sink seems to fail for this event alone. This means that `tries` retries in a row
 * fail, and that between any two attempts the sink accepts some other event.
 */
export function decideRetry(
  state: AttemptCounts,
  result: Exclude<PostResult, { outcome: 'accepted' }>,
  { tries, othersAccepted }: { readonly tries: number; readonly othersAccepted: boolean },
): RetryDecision {
  if (result.outcome === 'refused') state.refused++;
  else state.unavailable++;
  state.unavailableAlone =
    result.outcome === 'unavailable' && othersAccepted ? state.unavailableAlone + 1 : 0;
  const count = state.refused + state.unavailable;
  const giveUp = state.refused >= tries || state.unavailableAlone >= tries;
  const retryAfterMs = result.outcome === 'unavailable' ? (result.afterMs ?? 0) : 0;
  const waitMs = giveUp ? BLOCKED_RETRY_MS : Math.max(retryAfterMs, backoffMs(RETRY_BACKOFF, count));
  return { giveUp, waitMs, attempts: count, shouldLog: Number.isInteger(Math.log2(count)) };
}

/**
 * Sends an event to the dead-letter sink, with the reason in the attribute `sluiceerror`. If the event is too large for
 * the dead-letter sink, sends it again with the key but without the columns. So a person can find the row, and the
 * channel continues. Returns `unavailable` if there is no dead-letter sink.
 */
export async function sendToDeadLetterSink(
  deadLetter: PostEvent | undefined,
  { attributes, body, data }: ChangeEvent,
  reason: string,
  signal: AbortSignal,
): Promise<PostResult> {
  if (deadLetter === undefined) return { outcome: 'unavailable', reason };
  const attributesWithReason = { ...attributes, sluiceerror: reason };
  const result = await deadLetter(toBinaryEvent(attributesWithReason, body), signal);
  if (result.outcome !== 'refused' || result.tooLarge !== true) return result;
  const { key, operation, base, ...columns } = data;
  // JSON.stringify omits `base` if it is undefined.
  const reduced = { key, operation, base, omitted: Object.keys(columns) };
  return deadLetter(toBinaryEvent(attributesWithReason, JSON.stringify(reduced)), signal);
}
