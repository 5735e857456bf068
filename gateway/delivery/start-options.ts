import { METADATA_ENCODING_KEY, RawValue } from '@temporalio/common';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';
import { HOPS, hopsOf } from '../../domain/hops.ts';
import type { SignalledEvent } from '../../domain/signalled.ts';
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
    args: [argumentOf(start)],
    memo: { event: { id, source, type, subject: subject ?? null, time: time ?? null }, delivery },
    staticSummary: `${type} ${subject ?? id}`.slice(0, 200),
    typedSearchAttributes: startAttributes(start.route, event),
  };
}

/** The workflow's argument; as a text it goes to Temporal as it is. */
function argumentOf({ argument, argumentText }: Start): unknown {
  return argumentText === undefined ? argument : rawJson(argumentText);
}

/** A signal's argument: which event it is of, and the input. */
export function signalArgument(
  { argument, argumentText }: Start,
  { source, id, attributes }: CloudEvent,
): unknown {
  const hops = hopsOf(attributes);
  const event = { source, id, ...(hops === 0 ? {} : { [HOPS]: hops }) };
  if (argumentText === undefined) return { event, input: argument } satisfies SignalledEvent;
  return rawJson(`{"event":${JSON.stringify(event)},"input":${argumentText}}`);
}

const rawJson = (text: string): RawValue =>
  RawValue.fromPayload({
    metadata: { [METADATA_ENCODING_KEY]: Buffer.from('json/plain') },
    data: Buffer.from(text, 'utf8'),
  });
