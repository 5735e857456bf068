import { setTimeout as sleep } from 'node:timers/promises';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { binaryEvent } from '../runtime/binary-event.ts';
import { changeEvent, committedMsOf, type EventOrigin } from './change-event.ts';
import type { DeliverRecord } from './deliver-batch.ts';
import { type FailingDeps, FailingEvent } from './failing-event.ts';
import type { PostEvent } from './sink.ts';

export interface DeliverDeps extends FailingDeps {
  readonly origin: EventOrigin;
  readonly post: PostEvent;
}

/** What events may take while they are posted: half of the heap that the source is run with. */
const EVENT_BYTES = 48 * 1024 * 1024;

/** An event takes at most so many times its record's bytes: its values, and JSON with up to six bytes for one of them. */
const WEIGHT = 8;

/** Posts each record's event until the sink has it, or the dead-letter sink has it with the reason. */
export function recordDelivery(deps: DeliverDeps): DeliverRecord {
  const { origin, post, metrics } = deps;
  const memory = new AdmissionQueue({ parallel: { weight: EVENT_BYTES } });
  // Posts are numbered, so that an event can tell whether the sink has taken one that was posted after its own failure.
  let posts = 0;
  let lastAccepted = 0;

  return async (record, channelId, signal) => {
    const end = metrics.begin(channelId, committedMsOf(record));
    const weight = (record.bytes ?? 0) * WEIGHT;
    let failing: FailingEvent | undefined;
    let failedAt = Number.POSITIVE_INFINITY;
    /**
     * Tries once; answers how long to wait, in ms, for the next try, undefined when it is delivered. A function of its
     * own, and the event made anew for each try: what waits takes no more than its record does.
     */
    const tryOnce = async (): Promise<number | undefined> => {
      const event = changeEvent(record, origin);
      const number = ++posts;
      const result = await post(binaryEvent(event.attributes, event.body), signal);
      if (result.outcome === 'accepted') {
        if (number > lastAccepted) lastAccepted = number;
        metrics.delivered('accepted');
        return undefined;
      }
      const passed = lastAccepted > failedAt;
      failedAt = posts;
      failing ??= new FailingEvent(deps, channelId);
      return failing.failed(event, result, passed, signal);
    };
    try {
      for (;;) {
        const slot = memory.tryEnter(weight) ?? (await memory.wait(weight, signal));
        let waitMs: number | undefined;
        try {
          waitMs = await tryOnce();
        } finally {
          slot.release();
        }
        if (waitMs === undefined) return;
        await sleep(waitMs, undefined, { signal });
      }
    } finally {
      failing?.end();
      end();
    }
  };
}
