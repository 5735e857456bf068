import type { ServerResponse } from 'node:http';
import { Unavailable } from '../domain/errors.ts';

const DEFAULT_DEADLINE_MS = 2_000;

/**
 * Runs `work` until it is done, the client has closed the connection, or the deadline has passed. Throws
 * `Unavailable`.
 */
export async function withDeadline<T>(
  res: ServerResponse,
  work: (signal: AbortSignal) => Promise<T>,
  deadlineMs = DEFAULT_DEADLINE_MS,
): Promise<T> {
  const { signal, abort } = abortable();
  const late = setTimeout(
    () => abort(new Unavailable('TooLate', `no answer within ${deadlineMs} ms`)),
    deadlineMs,
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
    clearTimeout(late);
    res.off('close', onClose);
  }
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error): void => controller.abort(reason) };
}
