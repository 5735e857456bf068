import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryPolicy {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Nothing is tried again after this. */
  readonly totalMs: number;
  readonly retryable: (error: unknown) => boolean;
  readonly onRetry?: ((error: unknown) => void) | undefined;
}

/** How long whoever calls goes on trying, where that is less than usual. */
export interface Patience {
  readonly totalMs: number;
  /** What is not tried again, though it may pass. */
  readonly isFinal: (error: unknown) => boolean;
}

/** A policy as far as `patience` lets it. */
export const within = (policy: RetryPolicy, patience: Patience | undefined): RetryPolicy =>
  patience === undefined
    ? policy
    : {
        ...policy,
        totalMs: Math.min(policy.totalMs, patience.totalMs),
        retryable: (error) => !patience.isFinal(error) && policy.retryable(error),
      };

/** Tries again while `policy` says so, after doubling waits with jitter; the signal ends a wait at once. */
export async function retried<T>(
  attempt: () => Promise<T>,
  { firstMs, longestMs, totalMs, retryable, onRetry }: RetryPolicy,
  signal?: AbortSignal,
): Promise<T> {
  const began = performance.now();
  for (let waitMs = firstMs; ; waitMs = Math.min(waitMs * 2, longestMs)) {
    try {
      return await attempt();
    } catch (error) {
      const pause = waitMs * (0.75 + Math.random() / 2);
      if (!retryable(error) || performance.now() - began + pause > totalMs) throw error;
      onRetry?.(error);
      await sleep(pause, undefined, signal === undefined ? {} : { signal });
    }
  }
}
