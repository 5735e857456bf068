import { setTimeout as sleep } from 'node:timers/promises';
import type { CallReservation } from '../../domain/weather/call-budget.ts';

/** An instant that passed longer ago than this is given up: the next second's calls are another's. */
const MAX_LATE_MS = 15;
/** Calls under way of one batch. */
const PARALLEL = 64;

/**
 * Makes calls at the instants that were set aside for them, `makeCall(index)` each, but for those at which `more()` says
 * no, and until `over()`; answers the indexes for which none was made. Ends when all calls have.
 */
export async function makePacedCalls(
  { calls, startAtMs, spacingMs }: CallReservation,
  makeCall: (index: number) => Promise<void>,
  {
    clock,
    more,
    over = () => false,
    signal,
  }: { clock: () => number; more: () => boolean; over?: () => boolean; signal: AbortSignal },
): Promise<number[]> {
  const missed: number[] = [];
  const underWay = new Set<Promise<void>>();
  for (let index = 0; index < calls; index++) {
    const at = startAtMs + index * spacingMs;
    const early = at - clock();
    if (early > 0 && !over()) await sleep(early, undefined, { signal });
    if (over() || !more() || clock() - at > MAX_LATE_MS || underWay.size >= PARALLEL) {
      missed.push(index);
      continue;
    }
    const call = makeCall(index).finally(() => underWay.delete(call));
    underWay.add(call);
    // It is waited for below; until then nobody listens.
    call.catch(() => undefined);
  }
  await Promise.all(underWay);
  return missed;
}
