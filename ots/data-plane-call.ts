import { type Patience, type RetryPolicy, retried, within } from './retry.ts';
import type { Transport } from './transport.ts';
import { consequenceOf } from './tunnel/consequence.ts';
import { DATA_PLANE_VERSION } from './wire/signature.ts';

/** How calls are repeated that may be; `deadlineMs` is that of each try. */
export interface CallPolicy extends Omit<RetryPolicy, 'retryable' | 'onRetry'> {
  readonly deadlineMs: number;
  readonly patience?: Patience | undefined;
}

/** Calls of the data plane that may be repeated. */
export const dataPlaneCall =
  (transport: Transport, { deadlineMs, patience, ...waits }: CallPolicy) =>
  (path: string, body: Buffer, signal?: AbortSignal): Promise<Buffer> =>
    retried(
      () => transport.send({ path, version: DATA_PLANE_VERSION, body, deadlineMs, signal }),
      within({ ...waits, retryable: (error) => consequenceOf(error, 'channel') === 'again' }, patience),
      signal,
    );
