import { workflowInfo } from '@temporalio/workflow';
import { hopsOf } from '../domain/hops.ts';

/** Each run has its own copy of this variable, because workflow modules are isolated per run. */
let maxSignalledHops = 0;

/** Records the hops of an event that signalled this run. */
export function recordHops(hops: number): void {
  maxSignalledHops = Math.max(maxSignalledHops, hops);
}

/**
 * Returns the highest hop count of the events that signalled this run, or that signalled the runs that it continues.
 */
export const signalledHops = (): number => maxSignalledHops;

/**
 * Returns the value of the extension `sluicehops` for events that this run emits. Several events can have led to this
 * run: the one that started it, and those that `onEvent` has handled. The value is one more than the highest hop
 * count of these events. The gateway rejects events with too many hops (16), so that loops of runs end.
 */
export function nextHops(): number {
  const delivery = workflowInfo().memo?.delivery as Readonly<Record<string, unknown>> | undefined;
  return Math.max(maxSignalledHops, hopsOf(delivery ?? {})) + 1;
}
