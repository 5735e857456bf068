/** Waits that grow from failure to failure, in ms. */
export interface BackoffPolicy {
  readonly firstMs: number;
  /** No wait is longer. */
  readonly longestMs: number;
  /** Each wait is so many times the one before. @default 2 */
  readonly factor?: number;
  /** The part of a wait by which it is longer or shorter at random, so that many callers come apart. @default 0.25 */
  readonly jitter?: number;
}

/** The wait after so many failures in a row, the first being 1; `random` is in [0, 1). */
export function backoffMs(
  { firstMs, longestMs, factor = 2, jitter = 0.25 }: BackoffPolicy,
  failures: number,
  random: number = Math.random(),
): number {
  const grown = Math.min(longestMs, firstMs * factor ** Math.max(0, failures - 1));
  const [shortest, most] = [grown * (1 - jitter), Math.min(longestMs, grown * (1 + jitter))];
  return shortest + (most - shortest) * random;
}

/** Counts the failures in a row for `backoffMs`. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  #failures = 0;

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  /** The wait after one more failure. */
  next(): number {
    this.#failures++;
    return backoffMs(this.#policy, this.#failures);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Time for `retry`; the caller gives the real one, since `domain/` has no clock. */
export interface Timers {
  /** In ms since any moment. */
  now(): number;
  sleep(ms: number, value: undefined, options: { readonly signal?: AbortSignal }): Promise<unknown>;
}

export interface RetryOptions extends BackoffPolicy {
  readonly isRetryable: (error: unknown) => boolean;
  /** No try begins later than this after the first. @default no limit */
  readonly totalMs?: number;
  /** The wait that the other side asked for, which takes the place of ours. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((error: unknown, waitMs: number) => void) | undefined;
  /** Ends a wait at once, and with it the call. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls `attempt` until it succeeds; throws its error once that is not retryable, or the time is over. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions, timers: Timers): Promise<T> {
  const { isRetryable, totalMs = Number.POSITIVE_INFINITY, retryAfterMs, onRetry, signal } = options;
  const backoff = new Backoff(options);
  const began = timers.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = retryAfterMs?.(error) ?? backoff.next();
      if (!isRetryable(error) || timers.now() - began + waitMs > totalMs) throw error;
      onRetry?.(error, waitMs);
      await timers.sleep(waitMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
