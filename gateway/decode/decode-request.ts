import type { CloudEvent } from '../../domain/cloud-event.ts';
import { BadEvent, shown } from './bad-event.ts';
import { fromBinaryMode } from './binary.ts';
import { childrenOf } from './json-text.ts';
import { essenceOf } from './media-type.ts';
import { type ParsedJson, parseJson } from './parse-json.ts';
import { fromJsonFormat } from './structured.ts';

/** A request as it came: header names in lower case, values as Node gives them (Latin-1), the body unread. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What a request carried: one event, or a batch, possibly empty. */
export type Decoded =
  | { readonly batch: false; readonly events: readonly [CloudEvent] }
  | { readonly batch: true; readonly events: readonly CloudEvent[] };

const STRUCTURED = 'application/cloudevents';
const BATCHED = 'application/cloudevents-batch';

/**
 * Decodes a request in any mode of the CloudEvents HTTP binding 1.0, or as EventBridge and `curl -d` send it: an event
 * in JSON format under any content type. Throws `BadEvent`.
 */
export function decodeRequest({ headers, body }: RawRequest): Decoded {
  const contentType = one(headers['content-type']);
  const essence = essenceOf(contentType);
  if (essence.startsWith(BATCHED)) {
    refuseOtherFormats(essence, BATCHED);
    return batchOf(parseJson(body));
  }
  if (essence.startsWith(STRUCTURED)) {
    refuseOtherFormats(essence, STRUCTURED);
    return single(event(parseJson(body)));
  }
  if (Object.keys(headers).some((name) => name.startsWith('ce-')))
    return single(fromBinaryMode(headers, contentType, body));
  const parsed = parseJson(body);
  return Array.isArray(parsed.value) ? batchOf(parsed) : single(event(parsed));
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

const single = (event: CloudEvent): Decoded => ({ batch: false, events: [event] });

function refuseOtherFormats(essence: string, mode: string): void {
  if (essence === mode || essence === `${mode}+json`) return;
  throw new BadEvent(`content type ${shown(essence)} is not supported, the JSON format is`, { status: 415 });
}

/** The HTTP binding leaves the size of a batch to its receiver; more cannot be started within a request's deadline. */
const BATCH = 1_000;

/** Nobody's event has more; each would be copied several times. */
const ATTRIBUTES = 1_000;

function event(parsed: ParsedJson): CloudEvent {
  const { value } = parsed;
  const size = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  if (size > ATTRIBUTES && !Array.isArray(value))
    throw new BadEvent(`the event has ${size} attributes, at most ${ATTRIBUTES} are taken`);
  return fromJsonFormat(parsed);
}

function batchOf({ value, text }: ParsedJson): Decoded {
  if (!Array.isArray(value)) throw new BadEvent('the batch is not a JSON array');
  if (value.length > BATCH) {
    const sentence = `the batch has ${value.length} events, at most ${BATCH} are taken`;
    throw new BadEvent(sentence, { status: 413 });
  }
  const events = childrenOf(text).map(({ start, end }, index) => {
    try {
      return event({ value: value[index], text: text.slice(start, end) });
    } catch (error) {
      if (!(error instanceof BadEvent)) throw error;
      const about = error.attribute === undefined ? {} : { attribute: error.attribute };
      throw new BadEvent(`event ${index} of the batch: ${error.message}`, about);
    }
  });
  return { batch: true, events };
}
