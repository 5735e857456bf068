import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { Deliver } from '../delivery/deliver.ts';
import type { Plan } from './plan.ts';
import type { Received } from './received.ts';

type Item = Plan['starts'][number];

/** A start that was not made, and why. */
export interface Undelivered {
  readonly failure: unknown;
  readonly item: Item;
}

/** Starts or signals every run of a plan before `deadline` (epoch ms); answers those that were not, empty when all are. */
export type DeliverAll = (starts: readonly Item[], deadline: number) => Promise<Undelivered[]>;

/** Starts of one request that are under way at a time. */
export const STARTS_PARALLEL = 16;

/** Runs of which this process knows that they are stored. */
const REMEMBERED = 5_000;

/**
 * Delivery of whole requests. What this process has stored before comes last: a batch that is too large for one
 * deadline gets further with each time that it is sent.
 */
export function deliveryOfAll(deliver: Deliver, onReceived: (received: Received) => void): DeliverAll {
  const stored = new Set<string>();
  const remember = (workflowId: string): void => {
    stored.add(workflowId);
    if (stored.size > REMEMBERED) stored.delete(stored.values().next().value ?? '');
  };
  return async (starts, deadline) => {
    const undelivered: Undelivered[] = [];
    let unavailable: Unavailable | undefined;
    const isStored = ({ start }: Item): boolean => stored.has(start.workflowId);
    const ordered = [...starts.filter((item) => !isStored(item)), ...starts.filter(isStored)];
    await forEachParallel(ordered, STARTS_PARALLEL, async (item) => {
      const { start, event } = item;
      const about = { event, route: start.route, workflowId: start.workflowId };
      try {
        // The sender waits for the whole batch: where one start was late, the others are not even tried.
        if (unavailable !== undefined) throw unavailable;
        if (Date.now() >= deadline) throw new Unavailable('Late', 'no time was left to start its workflow');
        const outcome = await deliver(start, event, deadline);
        remember(start.workflowId);
        onReceived({ ...about, outcome });
      } catch (failure) {
        undelivered.push({ failure, item });
        if (failure instanceof Unavailable) unavailable = failure;
        // What is refused for good is told when it is parked.
        if (!(failure instanceof InvalidInput))
          onReceived({ ...about, outcome: 'deferred', reason: withCause(failure) });
      }
    });
    return undelivered;
  };
}

/** For the log: what the sender is not told. */
function withCause(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause === undefined ? messageOf(failure) : `${messageOf(failure)} (${messageOf(cause, 200)})`;
}
