import { workflowInfo } from '@temporalio/workflow';
import { hopsOf } from '../domain/hops.ts';

/** Each run has its own. */
let maxSignalledHops = 0;

/** Notes the hops of an event that signalled this run. */
export function recordHops(hops: number): void {
  maxSignalledHops = Math.max(maxSignalledHops, hops);
}

/** The most hops of the events that signalled this run, or those it continues. */
export const signalledHops = (): number => maxSignalledHops;

/**
 * The value of the extension `sluicehops` for events that this run emits: one more than carried the event that
 * started it, or one that `onEvent` took since. The gateway refuses an event after 16, so that runs which cause each
 * other end.
 */
export function nextHops(): number {
  const delivery = workflowInfo().memo?.delivery as Readonly<Record<string, unknown>> | undefined;
  return Math.max(maxSignalledHops, hopsOf(delivery ?? {})) + 1;
}
