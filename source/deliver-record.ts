import { setTimeout as sleep } from 'node:timers/promises';
import { binaryEvent } from '../runtime/binary-event.ts';
import type { Log } from '../runtime/log.ts';
import { type ChangeEvent, changeEvent, type EventOrigin } from './change-event.ts';
import type { DeliverRecord } from './deliver-batch.ts';
import type { SourceMetrics } from './metrics.ts';
import { nextStep, type Tries } from './next-step.ts';
import type { PostEvent, Posted } from './sink.ts';

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
  let accepted = 0;

  const setAside = async (event: ChangeEvent, reason: string, signal: AbortSignal): Promise<Posted> => {
    if (deadLetter === undefined) return { outcome: 'unavailable', reason };
    const attributes = { ...event.attributes, sluiceerror: reason };
    return deadLetter(binaryEvent(attributes, event.body), signal);
  };
  return async (record, channelId, signal) => {
    const event = changeEvent(record, origin);
    const wire = binaryEvent(event.attributes, event.body);
    const acceptedBefore = accepted;
    const end = metrics.begin(channelId, event.committedMs);
    let state: Tries | undefined;
    let release: (() => void) | undefined;
    try {
      for (;;) {
        const result = await post(wire, signal);
        if (result.outcome === 'accepted') {
          accepted++;
          metrics.delivered('accepted');
          return;
        }
        const about = { id: event.attributes.id, subject: event.attributes.subject, channelId };
        metrics.retried(result.outcome);
        state ??= { refused: 0, unavailable: 0, suspect: 0 };
        const step = nextStep(state, result, { tries, othersAccepted: accepted > acceptedBefore });
        if (step.setAside) {
          const kept = await setAside(event, result.reason, signal);
          if (kept.outcome === 'accepted') {
            metrics.delivered('dead_lettered');
            log.error({ ...about, reason: result.reason }, 'an event was given to the dead-letter sink');
            return;
          }
          release ??= metrics.held(channelId);
          const where =
            deadLetter === undefined
              ? ''
              : `, nor will the dead-letter sink (${kept.outcome}: ${kept.reason})`;
          log.error(
            { ...about, reason: result.reason },
            `the sink will not have an event${where}: its channel stands still`,
          );
        } else if (step.tell) {
          log.warn(
            { ...about, reason: result.reason, tries: step.tries },
            'an event could not be delivered yet',
          );
        }
        await sleep(step.waitMs, undefined, { signal });
      }
    } finally {
      release?.();
      end();
    }
  };
}
