import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { Deliver } from '../delivery/deliver.ts';
import type { Plan } from './plan.ts';
import type { Received } from './received.ts';

/** Starts of one batch under way at a time. */
const PARALLEL = 16;

/** Starts or signals every run of a plan; answers the errors of those that were not, empty when all are. */
export async function deliverAll(
  starts: Plan['starts'],
  { deliver, onReceived }: { deliver: Deliver; onReceived: (received: Received) => void },
  deadline: number,
): Promise<{ failure: unknown; item: Plan['starts'][number] }[]> {
  const failures: { failure: unknown; item: Plan['starts'][number] }[] = [];
  let unavailable: Unavailable | undefined;
  const queue = starts.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      const { start, event } = item;
      const about = { event, route: start.route, workflowId: start.workflowId };
      try {
        // The sender waits for the whole batch: where one start was late, the others are not even tried.
        if (unavailable !== undefined) throw unavailable;
        if (Date.now() >= deadline) throw new Unavailable('Late', 'no time was left to start its workflow');
        onReceived({ ...about, outcome: await deliver(start, event, deadline) });
      } catch (failure) {
        failures.push({ failure, item });
        if (failure instanceof Unavailable) unavailable = failure;
        // What is refused for good is told when it is parked.
        if (!(failure instanceof InvalidInput))
          onReceived({ ...about, outcome: 'deferred', reason: messageOf(failure) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, starts.length) }, lane));
  return failures;
}
