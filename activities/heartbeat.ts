import { Context } from '@temporalio/activity';
import { Unavailable } from '../domain/errors.ts';

const HEARTBEAT_INTERVAL_MS = 2_000;

/** Short work sends no heartbeat. Each one is a call to Temporal, and costs an action on a hosted Temporal. */
const FIRST_HEARTBEAT_MS = 5_000;

/**
 * A worker pauses if its machine is suspended or its event loop is blocked. After a longer pause than this, the
 * paused worker must stop writing, because the server may already have given the work to another worker. The limit is
 * shorter than the shortest heartbeat timeout of an activity that writes.
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
  const abortAfterPause = (): void => {
    const pause = Date.now() - lastTickAt;
    if (pause > MAX_PAUSE_MS)
      paused.abort(new Unavailable('WorkerPaused', `the worker was paused for ${pause} ms`));
  };
  const tick = (): void => {
    abortAfterPause();
    if (paused.signal.aborted) return;
    lastTickAt = Date.now();
    if (lastTickAt - startedAt >= FIRST_HEARTBEAT_MS) context.heartbeat(details());
  };
  const timer = setInterval(tick, HEARTBEAT_INTERVAL_MS);
  try {
    const signal = AbortSignal.any([context.cancellationSignal, paused.signal]);
    return await work(checkedOnUse(signal, abortAfterPause));
  } finally {
    clearInterval(timer);
  }
}

/**
 * Calls `check` whenever code asks whether the signal is aborted. After a pause, Node.js calls the callbacks of sockets
 * before those of timers. Without this check, such a callback would begin a write before the timer notices the pause.
 */
function checkedOnUse(signal: AbortSignal, check: () => void): AbortSignal {
  const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get;
  return Object.defineProperties(signal, {
    aborted: {
      get(): boolean {
        check();
        return isAborted?.call(signal) === true;
      },
    },
    throwIfAborted: {
      value(): void {
        check();
        AbortSignal.prototype.throwIfAborted.call(signal);
      },
    },
  });
}
