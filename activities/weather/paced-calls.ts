import { setTimeout as sleep } from 'node:timers/promises';
import type { CallReservation } from '../../domain/weather/call-budget.ts';

/**
 * A call may start at most this many ms after its reserved start time. A later call is not made, because the next start
 * time may belong to another worker.
 */
const MAX_LATE_MS = 15;
/** The maximum number of calls in flight for one batch. */
const PARALLEL = 64;

/**
 * Makes one call, `makeCall(index)`, at each reserved start time, but only if `mayCall()` returns true. Stops when
 * `shouldStop()` returns true. When all calls have ended, resolves to the indexes of the calls that were not made.
 */
export async function makePacedCalls(
  { calls, startAtMs, spacingMs }: CallReservation,
  makeCall: (index: number) => Promise<void>,
  {
    clock,
    mayCall,
    shouldStop = () => false,
    signal,
  }: { clock: () => number; mayCall: () => boolean; shouldStop?: () => boolean; signal: AbortSignal },
): Promise<number[]> {
  const missed: number[] = [];
  const inFlight = new Set<Promise<void>>();
  for (let index = 0; index < calls; index++) {
    const at = startAtMs + index * spacingMs;
    const early = at - clock();
    if (early > 0 && !shouldStop()) await sleep(early, undefined, { signal });
    if (shouldStop() || !mayCall() || clock() - at > MAX_LATE_MS || inFlight.size >= PARALLEL) {
      missed.push(index);
      continue;
    }
    const call = makeCall(index).finally(() => inFlight.delete(call));
    inFlight.add(call);
    // Promise.all below handles a rejection of `call`. Until then this handler avoids an "unhandled rejection".
    call.catch(() => undefined);
  }
  await Promise.all(inFlight);
  return missed;
}
