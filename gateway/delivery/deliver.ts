import type { Client } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { Outcome } from '../receive/received.ts';
import type { Start } from '../routes/route.ts';
import { signalRun } from './signal-run.ts';
import { createStarter } from './start-run.ts';
import { translated } from './translated.ts';

/** What Temporal made of a start or signal. */
export type Delivered = Extract<Outcome, 'started' | 'duplicate' | 'conflict' | 'signalled'>;

/**
 * Starts or signals a run for an event, durably and before `deadline` (epoch ms), or finds that it was done before.
 * Throws `Unavailable` for what may be sent again, `InvalidInput` for what Temporal will never take.
 */
export type Deliver = (start: Start, event: CloudEvent, deadline: number) => Promise<Delivered>;

/** Delivery to Temporal; the client's own retries, which go on for longer than any sender waits, end at the deadline. */
export function temporalDelivery(client: Client): Deliver {
  const startRun = createStarter(client);
  return async (start, event, deadline) => {
    try {
      return await client.withDeadline(deadline, () =>
        start.signal === undefined
          ? startRun(start, event)
          : signalRun(client, { ...start, signal: start.signal }, event),
      );
    } catch (error) {
      throw translated(error, start.workflowId);
    }
  };
}
