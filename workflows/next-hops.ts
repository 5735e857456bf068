import { workflowInfo } from '@temporalio/workflow';
import { HOPS } from '../domain/hops.ts';

/**
 * The value of the extension `sluicehops` for events that this run emits: one more than the event that started it
 * carried. The gateway refuses an event after 16, so that runs which cause each other end.
 */
export function nextHops(): number {
  const delivery = workflowInfo().memo?.delivery as { readonly [HOPS]?: number } | undefined;
  return (delivery?.[HOPS] ?? 0) + 1;
}
