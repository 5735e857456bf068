import type { ServerResponse } from 'node:http';
import { Unavailable } from '../domain/errors.ts';

const DEFAULT_TIMEOUT_MS = 2_000;

/**
 * Runs `work`. Throws `Unavailable` if the client closes the connection, or the deadline passes, before `work` is
 * done.
 */
export async function withDeadline<T>(
  res: ServerResponse,
  work: (signal: AbortSignal) => Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const { signal, abort } = abortable();
  const deadlineTimer = setTimeout(
    () => abort(new Unavailable('TooLate', `no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const onClose = (): void => abort(new Unavailable('ClientGone', 'the client closed the connection'));
  res.once('close', onClose);
  try {
    return await work(signal);
  } catch (error) {
    // The rest of the work is no longer needed.
    abort(new Unavailable('GivenUp', 'another part of the answer has failed'));
    throw error;
  } finally {
    clearTimeout(deadlineTimer);
    res.off('close', onClose);
  }
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error): void => controller.abort(reason) };
}
