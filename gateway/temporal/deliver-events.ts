import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { RunRequest } from '../routes/route.ts';
import type { EventOutcome, EventResult } from './event-result.ts';
import { signalOpenRun, signalRun } from './signal-run.ts';
import { createRunStarter } from './start-run.ts';
import { translateTemporalError } from './temporal-errors.ts';

/** A run to start or signal, and its event. */
export interface Delivery {
  readonly runRequest: RunRequest;
  readonly event: CloudEvent;
}

/** A delivery that failed, with its error. */
export interface FailedDelivery {
  readonly failure: unknown;
  readonly delivery: Delivery;
}

/** The deliveries of one request that had no effect. */
export interface WithoutEffect {
  readonly failed: readonly FailedDelivery[];
  /** The signals for which no run is open, on routes with `start: false`. */
  readonly unawaited: readonly Delivery[];
}

/** Starts or signals every run before `deadline` (epoch ms). Returns the deliveries without effect. */
export type DeliverAll = (deliveries: readonly Delivery[], deadline: number) => Promise<WithoutEffect>;

/** The maximum number of concurrent starts of one request. */
export const MAX_CONCURRENT_DELIVERIES = 16;

/** The maximum number of deliveries of unfinished requests that this process remembers. */
const MAX_REMEMBERED_DELIVERIES = 5_000;

/**
 * Delivers whole requests. If some deliveries of a request fail, the sender sends the whole request again. Deliveries
 * that have succeeded are then not repeated. So every retry makes progress, even if the request is too large for one
 * deadline.
 */
export function createDeliverAll(deliver: Deliver, onResult: (result: EventResult) => void): DeliverAll {
  /** The content hashes of delivered events of unfinished requests. */
  const delivered = new Map<string, string>();
  return async (deliveries, deadline) => {
    const failed: FailedDelivery[] = [];
    const unawaited = new Set<Delivery>();
    const succeeded: Delivery[] = [];
    let unavailable: Unavailable | undefined;
    await forEachParallel(deliveries, MAX_CONCURRENT_DELIVERIES, async (delivery) => {
      const { runRequest, event } = delivery;
      const about = { event, route: runRequest.route, workflowId: runRequest.workflowId };
      try {
        const isDone = delivered.size > 0 && delivered.get(deliveryKey(delivery)) === contentHash(event);
        // The sender waits for the whole batch. So after one delivery fails as `Unavailable`, the others are not
        // attempted.
        if (unavailable !== undefined && !isDone) throw unavailable;
        if (Date.now() >= deadline && !isDone)
          throw new Unavailable('Late', 'no time is left to start the workflow');
        const outcome = isDone ? 'duplicate' : await deliver(runRequest, event, deadline);
        // An unawaited signal is not remembered: a run may be open at the next attempt.
        if (outcome === 'unawaited') unawaited.add(delivery);
        else succeeded.push(delivery);
        onResult({ ...about, outcome });
      } catch (failure) {
        failed.push({ failure, delivery });
        if (failure instanceof Unavailable) unavailable = failure;
        // Failures of class `InvalidInput` are not reported here: the caller rejects and reports the whole request.
        if (!(failure instanceof InvalidInput))
          onResult({ ...about, outcome: 'deferred', reason: messageWithCause(failure) });
      }
    });
    const isRetried = failed.some(({ failure }) => !(failure instanceof InvalidInput));
    for (const delivery of succeeded) {
      if (isRetried) delivered.set(deliveryKey(delivery), contentHash(delivery.event));
      else if (delivered.size > 0) delivered.delete(deliveryKey(delivery));
    }
    for (const key of delivered.keys()) {
      if (delivered.size <= MAX_REMEMBERED_DELIVERIES) break;
      delivered.delete(key);
    }
    return { failed, unawaited: deliveries.filter((delivery) => unawaited.has(delivery)) };
  };
}

/** A hash, because ids can be long. Several routes can signal one run. */
const deliveryKey = ({
  runRequest: { route, signal, workflowId },
  event: { source, id },
}: Delivery): string =>
  createHash('sha256')
    .update(JSON.stringify([route, signal ?? null, workflowId, source, id]))
    .digest('base64');

/** Formats an error for the log, including its cause, which the answer to the sender does not contain. */
function messageWithCause(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause === undefined ? messageOf(failure) : `${messageOf(failure)} (${messageOf(cause, 200)})`;
}

/** What Temporal did with a start or signal. */
export type DeliveryOutcome = Extract<
  EventOutcome,
  'started' | 'duplicate' | 'conflict' | 'signalled' | 'unawaited'
>;

/**
 * Starts or signals a run for an event, durably and before `deadline` (epoch ms). Returns `duplicate` or `conflict`
 * if this already happened. Returns `unawaited` if no run is open and the signal may not start one. Throws
 * `Unavailable` for errors that can be retried, and `InvalidInput` for requests that Temporal rejects for good.
 */
export type Deliver = (
  runRequest: RunRequest,
  event: CloudEvent,
  deadline: number,
) => Promise<DeliveryOutcome>;

/**
 * Delivers to Temporal. The client alone would retry longer than any sender waits, so its retries end at the
 * deadline.
 */
export function createTemporalDelivery(client: Client): Deliver {
  const startRun = createRunStarter(client);
  return async (runRequest, event, deadline) => {
    try {
      return await client.withDeadline(deadline, () => {
        const { signal, start } = runRequest;
        if (signal === undefined) return startRun(runRequest, event);
        const signalRequest = { ...runRequest, signal };
        return start === false
          ? signalOpenRun(client, signalRequest, event)
          : signalRun(client, signalRequest, event);
      });
    } catch (error) {
      throw translateTemporalError(error, runRequest.workflowId);
    }
  };
}
