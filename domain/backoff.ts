/** Delays that grow with each failure, in ms. */
export interface BackoffPolicy {
  readonly firstMs: number;
  /** The maximum delay. */
  readonly longestMs: number;
  /** Each delay is this many times the previous one. @default 2 */
  readonly factor?: number;
  /** The share of a delay by which it varies at random, so that many callers do not retry together. @default 0.25 */
  readonly jitter?: number;
}

/** Returns the delay after `failures` failures in a row (1 is the first). `random` is in [0, 1). */
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

  /** Counts one more failure and returns the delay after it. */
  next(): number {
    this.#failures++;
    return backoffMs(this.#policy, this.#failures);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Time for `retry`. Callers pass the real timers, because `domain/` has no clock. */
export interface Timers {
  /** In ms since any fixed point in time. */
  now(): number;
  sleep(ms: number, value: undefined, options: { readonly signal?: AbortSignal }): Promise<unknown>;
}

export interface RetryOptions extends BackoffPolicy {
  readonly isRetryable: (error: unknown) => boolean;
  /** No attempt starts later than this after the first one. @default no limit */
  readonly totalMs?: number;
  /** The delay that the other side asked for. It replaces the backoff. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** Called before each delay. */
  readonly onRetry?: ((error: unknown, waitMs: number) => void) | undefined;
  /** Ends a delay at once, and with it the call. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls `attempt` until it succeeds. Throws its error if that is not retryable or the total time is exceeded. */
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
