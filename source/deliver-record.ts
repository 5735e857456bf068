import { setTimeout as sleep } from 'node:timers/promises';
import { binaryEvent } from '../runtime/binary-event.ts';
import type { Log } from '../runtime/log.ts';
import { changeEvent, type EventOrigin } from './change-event.ts';
import type { DeliverRecord } from './deliver-batch.ts';
import type { SourceMetrics } from './metrics.ts';
import { nextStep, type Tries } from './next-step.ts';
import { setAside } from './set-aside.ts';
import type { PostEvent } from './sink.ts';

export interface DeliverDeps {
  readonly origin: EventOrigin;
  readonly post: PostEvent;
  /** Where events go that the sink will not have; undefined: their channel stands still. */
  readonly deadLetter: PostEvent | undefined;
  /** Refusals after which an event is poison. */
  readonly tries: number;
  readonly metrics: SourceMetrics;
  readonly log: Log;
}

/** Posts each record's event until the sink has it, or the dead-letter sink has it with the reason. */
export function recordDelivery({
  origin,
  post,
  deadLetter,
  tries,
  metrics,
  log,
}: DeliverDeps): DeliverRecord {
  // Posts are numbered, so that an event can tell whether the sink has taken one that was posted after its own failure.
  let posts = 0;
  let lastAccepted = 0;

  return async (record, channelId, signal) => {
    const event = changeEvent(record, origin);
    const wire = binaryEvent(event.attributes, event.body);
    const end = metrics.begin(channelId, event.committedMs);
    let state: Tries | undefined;
    let release: (() => void) | undefined;
    let failedAt = Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        const number = ++posts;
        const result = await post(wire, signal);
        if (result.outcome === 'accepted') {
          if (number > lastAccepted) lastAccepted = number;
          metrics.delivered('accepted');
          return;
        }
        const { reason } = result;
        const about = { id: event.attributes.id, subject: event.attributes.subject, channelId };
        metrics.retried(result.outcome);
        state ??= { refused: 0, unavailable: 0, suspect: 0 };
        const step = nextStep(state, result, { tries, othersAccepted: lastAccepted > failedAt });
        failedAt = posts;
        if (step.setAside) {
          const kept = await setAside(deadLetter, event, reason, signal);
          if (kept.outcome === 'accepted') {
            metrics.delivered('dead_lettered');
            log.error({ ...about, reason }, 'an event was given to the dead-letter sink');
            return;
          }
          release?.();
          const where = `, nor will the dead-letter sink (${kept.outcome}: ${kept.reason})`;
          release = metrics.held(channelId, deadLetter === undefined ? reason : `${reason}${where}`);
          log.error(
            { ...about, reason },
            `the sink will not have an event${deadLetter === undefined ? '' : where}: its channel stands still`,
          );
        } else if (step.tell) {
          log.warn({ ...about, reason, tries: step.tries }, 'an event could not be delivered yet');
        }
        await sleep(step.waitMs, undefined, { signal });
      }
    } finally {
      release?.();
      end();
    }
  };
}
