import { Context } from '@temporalio/activity';
import { Unavailable } from '../domain/errors.ts';

const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * A worker that was stopped for longer than this may have been given up: its work is already in other hands, so on
 * waking it must not write any more. Shorter than the shortest heartbeat time-out of an activity that writes.
 */
const MAX_PAUSE_MS = 7_000;

/**
 * Runs `work` with a heartbeat that tells `details`, and with a signal that aborts when the activity is cancelled, or
 * when this process finds out that it was frozen for so long that another may have taken over.
 */
export async function withHeartbeat<T>(
  details: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const frozen = new AbortController();
  let last = Date.now();
  const beat = (): void => {
    const now = Date.now();
    if (now - last > MAX_PAUSE_MS) {
      frozen.abort(new Unavailable('WorkerPaused', `the worker stood still for ${now - last} ms`));
      return;
    }
    last = now;
    context.heartbeat(details());
  };
  beat();
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  try {
    return await work(AbortSignal.any([context.cancellationSignal, frozen.signal]));
  } finally {
    clearInterval(timer);
  }
}
