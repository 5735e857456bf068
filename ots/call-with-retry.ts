import { setTimeout as sleep } from 'node:timers/promises';
import { type RetryOptions, retry } from '../domain/retry.ts';
import { isRetryable } from './errors.ts';
import type { OtsTransport } from './transport.ts';
import { DATA_PLANE_VERSION } from './wire/signature.ts';

/** How to retry a call that is safe to repeat. */
export interface CallRetryPolicy {
  readonly firstMs: number;
  readonly longestMs: number;
  /** No retry begins after this time. */
  readonly totalMs: number;
}

/** Limits of one caller that are stricter than the policy. */
export interface RetryLimits {
  readonly totalMs?: number;
  /** True for retryable errors that this caller does not retry. */
  readonly isFinal: (error: unknown) => boolean;
}

const timers = { now: () => performance.now(), sleep };

/** Repeats a call until it succeeds, fails with a final error, or reaches a limit of the policy or the caller. */
export const callWithRetry = <T>(
  attempt: () => Promise<T>,
  { totalMs, ...waits }: CallRetryPolicy,
  limits: RetryLimits | undefined,
  options: Pick<RetryOptions, 'onRetry' | 'signal'>,
): Promise<T> =>
  retry(
    attempt,
    {
      ...waits,
      ...options,
      totalMs: Math.min(totalMs, limits?.totalMs ?? totalMs),
      isRetryable: (error) => isRetryable(error) && limits?.isFinal(error) !== true,
    },
    timers,
  );

/** Returns a function for data plane calls that are safe to repeat. `timeoutMs` is the timeout of one attempt. */
export const createDataPlaneCall =
  (transport: OtsTransport, policy: CallRetryPolicy & { readonly timeoutMs: number }, limits?: RetryLimits) =>
  (path: string, body: Buffer, signal?: AbortSignal): Promise<Buffer> => {
    const call = { path, version: DATA_PLANE_VERSION, body, timeoutMs: policy.timeoutMs, signal };
    return callWithRetry(() => transport.send(call), policy, limits, { signal });
  };
