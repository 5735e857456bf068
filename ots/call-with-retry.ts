import { setTimeout as sleep } from 'node:timers/promises';
import { type RetryOptions, retry } from '../domain/retry.ts';
import { isRetryable } from './errors.ts';
import type { OtsTransport } from './transport.ts';
import { DATA_PLANE_VERSION } from './wire/signature.ts';

/** How a call that may be repeated is repeated. */
export interface CallRetryPolicy {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Nothing is tried again after this. */
  readonly totalMs: number;
}

/** How long whoever calls goes on trying, where that is less than usual. */
export interface RetryLimits {
  readonly totalMs?: number;
  /** What is not tried again, though it may pass. */
  readonly isFinal: (error: unknown) => boolean;
}

const timers = { now: () => performance.now(), sleep };

/** Calls until it is answered, or refused, or as far as policy and patience let it. */
export const callWithRetry = <T>(
  attempt: () => Promise<T>,
  { totalMs, ...waits }: CallRetryPolicy,
  limits: RetryLimits | undefined,
  more: Pick<RetryOptions, 'onRetry' | 'signal'>,
): Promise<T> =>
  retry(
    attempt,
    {
      ...waits,
      ...more,
      totalMs: Math.min(totalMs, limits?.totalMs ?? totalMs),
      isRetryable: (error) => isRetryable(error) && limits?.isFinal(error) !== true,
    },
    timers,
  );

/** Calls of the data plane that may be repeated; `deadlineMs` is that of each try. */
export const createDataPlaneCall =
  (
    transport: OtsTransport,
    policy: CallRetryPolicy & { readonly deadlineMs: number },
    limits?: RetryLimits,
  ) =>
  (path: string, body: Buffer, signal?: AbortSignal): Promise<Buffer> => {
    const call = { path, version: DATA_PLANE_VERSION, body, deadlineMs: policy.deadlineMs, signal };
    return callWithRetry(() => transport.send(call), policy, limits, { signal });
  };
