import type { Client } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { RunRequest } from '../routes/route.ts';
import type { EventOutcome, EventResult } from './event-result.ts';
import { signalRun } from './signal-run.ts';
import { createRunStarter } from './start-run.ts';
import { translateTemporalError } from './temporal-errors.ts';

/** A run to start or signal, and its event. */
export interface Delivery {
  readonly start: RunRequest;
  readonly event: CloudEvent;
}

/** A delivery that failed, with its error. */
export interface FailedDelivery {
  readonly failure: unknown;
  readonly delivery: Delivery;
}

/** Starts or signals every run before `deadline` (epoch ms). Returns the failed deliveries. */
export type DeliverAll = (deliveries: readonly Delivery[], deadline: number) => Promise<FailedDelivery[]>;

/** The maximum number of concurrent starts of one request. */
export const MAX_CONCURRENT_DELIVERIES = 16;

/** The maximum number of stored runs that this process remembers. */
const MAX_REMEMBERED_RUNS = 5_000;

/**
 * Delivers whole requests. Runs that this process has already stored come last. So if a batch is too large for one
 * deadline, every retry makes progress.
 */
export function createDeliverAll(deliver: Deliver, onResult: (result: EventResult) => void): DeliverAll {
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
        // The sender waits for the whole batch. So after one delivery fails as `Unavailable`, the others are not
        // attempted.
        if (unavailable !== undefined) throw unavailable;
        if (Date.now() >= deadline) throw new Unavailable('Late', 'no time is left to start the workflow');
        const outcome = await deliver(start, event, deadline);
        remember(start.workflowId);
        onResult({ ...about, outcome });
      } catch (failure) {
        failed.push({ failure, delivery });
        if (failure instanceof Unavailable) unavailable = failure;
        // Failures of class `InvalidInput` are not reported here: the caller rejects and reports the whole request.
        if (!(failure instanceof InvalidInput))
          onResult({ ...about, outcome: 'deferred', reason: messageWithCause(failure) });
      }
    });
    return failed;
  };
}

/** Formats an error for the log, including its cause, which the answer to the sender does not contain. */
function messageWithCause(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause === undefined ? messageOf(failure) : `${messageOf(failure)} (${messageOf(cause, 200)})`;
}

/** What Temporal did with a start or signal. */
export type DeliveryOutcome = Extract<EventOutcome, 'started' | 'duplicate' | 'conflict' | 'signalled'>;

/**
 * Starts or signals a run for an event, durably and before `deadline` (epoch ms). Returns `duplicate` or `conflict` if
 * this already happened. Throws `Unavailable` for errors that can be retried, and `InvalidInput` for requests that
 * Temporal rejects for good.
 */
export type Deliver = (start: RunRequest, event: CloudEvent, deadline: number) => Promise<DeliveryOutcome>;

/**
 * Delivers to Temporal. The client alone would retry longer than any sender waits, so its retries end at the
 * deadline.
 */
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
