import { Backoff, type BackoffPolicy } from './backoff.ts';

/** The clock and the sleep function of `retry`. Callers pass them, because `domain/` has no clock. */
export interface Timers {
  /** In ms since any fixed point in time. */
  now(): number;
  sleep(ms: number, value: undefined, options: { readonly signal?: AbortSignal }): Promise<unknown>;
}

export interface RetryOptions extends BackoffPolicy {
  readonly isRetryable: (error: unknown) => boolean;
  /** No attempt starts later than this after the first attempt. @default no limit */
  readonly totalMs?: number;
  /** Returns the delay that the called service asked for. It replaces the backoff. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  /** Called before each delay. */
  readonly onRetry?: ((error: unknown, waitMs: number) => void) | undefined;
  /** If the signal aborts during a delay, the delay and the whole call end at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `attempt` until it succeeds. Throws the error of the last attempt if this error is not retryable, or if the
 * next attempt would start after the total time.
 */
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
