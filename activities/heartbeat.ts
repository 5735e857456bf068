import { Context } from '@temporalio/activity';
import { Unavailable } from '../domain/errors.ts';

const HEARTBEAT_INTERVAL_MS = 2_000;

/** Short work sends no heartbeat. Each one is a call to Temporal, and costs an action on a hosted Temporal. */
const FIRST_HEARTBEAT_MS = 5_000;

/**
 * A worker pauses if its machine is suspended or its event loop is blocked. After a longer pause than this, the server
 * may already have given the work to another worker, so the paused worker must stop writing. The limit is shorter than
 * the shortest heartbeat timeout of an activity that writes.
 */
const MAX_PAUSE_MS = 7_000;

/**
 * Runs `work` and sends `details` with each heartbeat. The signal aborts when the activity is cancelled. It also aborts
 * if this process was paused for so long that another worker may have taken over.
 */
export async function withHeartbeat<T>(
  details: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const paused = new AbortController();
  const startedAt = Date.now();
  let lastTickAt = startedAt;
  const tick = (): void => {
    const now = Date.now();
    if (now - lastTickAt > MAX_PAUSE_MS) {
      paused.abort(new Unavailable('WorkerPaused', `the worker was paused for ${now - lastTickAt} ms`));
      return;
    }
    lastTickAt = now;
    if (now - startedAt >= FIRST_HEARTBEAT_MS) context.heartbeat(details());
  };
  const timer = setInterval(tick, HEARTBEAT_INTERVAL_MS);
  try {
    return await work(AbortSignal.any([context.cancellationSignal, paused.signal]));
  } finally {
    clearInterval(timer);
  }
}
