import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';
import { HOPS, hopsOf } from '../../domain/hops.ts';
import type { Start } from '../routes/route.ts';
import { startAttributes } from './search-attributes.ts';

/** What the memo keeps beside the event: what is needed to judge a duplicate, a circle and a late wake-up. */
export interface DeliveryMemo {
  readonly content: string;
  readonly expirytime?: string;
  readonly [HOPS]?: number;
}

/** The options that a start and a signal-with-start share. */
export function startOptions(start: Start, event: CloudEvent) {
  const { id, source, type, subject, time, attributes } = event;
  const hops = hopsOf(attributes);
  const delivery: DeliveryMemo = {
    content: contentHash(event),
    ...(attributes.expirytime === undefined ? {} : { expirytime: String(attributes.expirytime) }),
    ...(hops === 0 ? {} : { [HOPS]: hops }),
  };
  return {
    taskQueue: start.queue,
    workflowId: start.workflowId,
    args: [start.argument],
    memo: { event: { id, source, type, subject: subject ?? null, time: time ?? null }, delivery },
    staticSummary: `${type} ${subject ?? id}`.slice(0, 200),
    typedSearchAttributes: startAttributes(start.route, event),
  };
}
