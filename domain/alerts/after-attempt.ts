import { type BackoffPolicy, backoffMs } from '../backoff.ts';
import type { SendProblem, SendResult } from '../channels/send-result.ts';

/** What a message becomes after an attempt to send it. Instants are in epoch ms. */
export type AttemptOutcome =
  | { readonly status: 'sent' }
  /** The message stays claimed, and is sent again. */
  | {
      readonly status: 'claimed';
      readonly retryAt: number;
      readonly problem: SendProblem;
      readonly maybeDuplicate: boolean;
    }
  | { readonly status: 'failed' | 'unknown' | 'expired'; readonly problem: SendProblem };

/** A message at the end of an attempt. */
export interface AttemptedMessage {
  /** The number of attempts to send it, including this one. */
  readonly tries: number;
  /** True if the result of an earlier attempt is unknown. */
  readonly maybeDuplicate: boolean;
  readonly now: number;
  /** Until when it may be sent. */
  readonly until: number;
}

const RETRIES: BackoffPolicy = { firstMs: 5_000, longestMs: 5 * 60_000 };

/** A receiver that asks for a shorter wait, such as `Retry-After: 0`, would get hundreds of requests a second. */
const MIN_THROTTLE_MS = 5_000;

/**
 * Decides what a message becomes. If an attempt has no clear answer, the message is sent once more at most, with
 * `maybeDuplicate`.
 */
export function afterAttempt(
  result: SendResult,
  { tries, maybeDuplicate, now, until }: AttemptedMessage,
  random = Math.random(),
): AttemptOutcome {
  if (result.kind === 'sent') return { status: 'sent' };
  const { code, meaning } = result;
  const problem = { code, meaning };
  const isOver = maybeDuplicate ? 'unknown' : 'expired';
  switch (result.kind) {
    case 'rejected':
    case 'misconfigured':
    case 'dead':
      return { status: 'failed', problem };
    case 'ambiguous': {
      const retryAt = now + backoffMs(RETRIES, tries, random);
      if (maybeDuplicate || retryAt >= until) return { status: 'unknown', problem };
      return { status: 'claimed', retryAt, problem, maybeDuplicate: true };
    }
    case 'throttled':
    case 'retryable': {
      if (result.kind === 'retryable' && tries >= (result.maxTries ?? Number.POSITIVE_INFINITY))
        return { status: maybeDuplicate ? 'unknown' : 'failed', problem };
      const wait =
        result.kind === 'throttled'
          ? Math.max(result.afterMs, MIN_THROTTLE_MS)
          : backoffMs(RETRIES, tries, random);
      const retryAt = now + wait;
      return retryAt < until
        ? { status: 'claimed', retryAt, problem, maybeDuplicate }
        : { status: isOver, problem };
    }
  }
}
