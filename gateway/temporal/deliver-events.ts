import type { Client } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { RunRequest } from '../routes/route.ts';
import type { EventOutcome, EventResult } from './event-result.ts';
import { signalRun } from './signal-run.ts';
import { createRunStarter } from './start-run.ts';
import { translateTemporalError } from './temporal-errors.ts';

/** A run to start or signal, and the event that it is for. */
export interface Delivery {
  readonly start: RunRequest;
  readonly event: CloudEvent;
}

/** A delivery that was not made, and why. */
export interface FailedDelivery {
  readonly failure: unknown;
  readonly delivery: Delivery;
}

/** Starts or signals every run before `deadline` (epoch ms); answers those that were not, empty when all are. */
export type DeliverAll = (deliveries: readonly Delivery[], deadline: number) => Promise<FailedDelivery[]>;

/** Starts of one request that are under way at a time. */
export const MAX_CONCURRENT_DELIVERIES = 16;

/** Runs of which this process knows that they are stored. */
const MAX_REMEMBERED_RUNS = 5_000;

/**
 * Delivery of whole requests. What this process has stored before comes last: a batch that is too large for one
 * deadline gets further with each time that it is sent.
 */
export function createDeliverAll(deliver: Deliver, onReceived: (received: EventResult) => void): DeliverAll {
  const stored = new Set<string>();
  const remember = (workflowId: string): void => {
    stored.add(workflowId);
    if (stored.size > MAX_REMEMBERED_RUNS) stored.delete(stored.values().next().value ?? '');
  };
  return async (deliveries, deadline) => {
    const failed: FailedDelivery[] = [];
    let unavailable: Unavailable | undefined;
    const isStored = ({ start }: Delivery): boolean => stored.has(start.workflowId);
    const ordered = [...deliveries.filter((one) => !isStored(one)), ...deliveries.filter(isStored)];
    await forEachParallel(ordered, MAX_CONCURRENT_DELIVERIES, async (delivery) => {
      const { start, event } = delivery;
      const about = { event, route: start.route, workflowId: start.workflowId };
      try {
        // The sender waits for the whole batch: where one start was late, the others are not even tried.
        if (unavailable !== undefined) throw unavailable;
        if (Date.now() >= deadline) throw new Unavailable('Late', 'no time was left to start its workflow');
        const outcome = await deliver(start, event, deadline);
        remember(start.workflowId);
        onReceived({ ...about, outcome });
      } catch (failure) {
        failed.push({ failure, delivery });
        if (failure instanceof Unavailable) unavailable = failure;
        // What is refused for good is told when it is parked.
        if (!(failure instanceof InvalidInput))
          onReceived({ ...about, outcome: 'deferred', reason: messageWithCause(failure) });
      }
    });
    return failed;
  };
}

/** For the log: what the sender is not told. */
function messageWithCause(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause === undefined ? messageOf(failure) : `${messageOf(failure)} (${messageOf(cause, 200)})`;
}

/** What Temporal made of a start or signal. */
export type DeliveryOutcome = Extract<EventOutcome, 'started' | 'duplicate' | 'conflict' | 'signalled'>;

/**
 * Starts or signals a run for an event, durably and before `deadline` (epoch ms), or finds that it was done before.
 * Throws `Unavailable` for what may be sent again, `InvalidInput` for what Temporal will never take.
 */
export type Deliver = (start: RunRequest, event: CloudEvent, deadline: number) => Promise<DeliveryOutcome>;

/** Delivery to Temporal; the client's own retries, which go on for longer than any sender waits, end at the deadline. */
export function createTemporalDelivery(client: Client): Deliver {
  const startRun = createRunStarter(client);
  return async (start, event, deadline) => {
    try {
      return await client.withDeadline(deadline, () =>
        start.signal === undefined
          ? startRun(start, event)
          : signalRun(client, { ...start, signal: start.signal }, event),
      );
    } catch (error) {
      throw translateTemporalError(error, start.workflowId);
    }
  };
}
