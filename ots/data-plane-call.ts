import { type RetryPolicy, retried } from './retry.ts';
import type { Transport } from './transport.ts';
import { consequenceOf } from './tunnel/consequence.ts';
import { DATA_PLANE_VERSION } from './wire/signature.ts';

/** Calls of the data plane that may be repeated, within these waits; `deadlineMs` is that of each try. */
export const dataPlaneCall =
  (transport: Transport, policy: Omit<RetryPolicy, 'retryable' | 'onRetry'>, deadlineMs: number) =>
  (path: string, body: Buffer, signal?: AbortSignal): Promise<Buffer> =>
    retried(
      () => transport.send({ path, version: DATA_PLANE_VERSION, body, deadlineMs, signal }),
      { ...policy, retryable: (error) => consequenceOf(error, 'channel') === 'again' },
      signal,
    );
