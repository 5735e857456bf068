import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { BadEvent, shown } from './bad-event.ts';
import { fromBinaryMode } from './binary.ts';
import { checkedEvent } from './check-attributes.ts';
import { childrenOf, memberOf, type ParsedJson, parseJson } from './json-text.ts';
import { decodeBase64, essenceOf, isBase64In03, isJson, isUtf8, payloadOfBytes } from './payload.ts';

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

/** An event in CloudEvents' JSON format 1.0, or 0.3's; throws `BadEvent`. */
function fromJsonFormat({ value, text }: ParsedJson): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadEvent(`the event is ${shown(value)}, allowed is a JSON object`);
  }
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>;
  const raw = new Map(Object.entries(attributes));
  return checkedEvent(raw, payload(value, { data, base64, raw, text }));
}

function payload(
  value: object,
  {
    data,
    base64,
    raw,
    text,
  }: { data: unknown; base64: unknown; raw: ReadonlyMap<string, unknown>; text: string },
): EventData | undefined {
  const type = raw.get('datacontenttype');
  const hasData = 'data' in value;
  if (base64 !== undefined && base64 !== null) {
    if (hasData) {
      throw new BadEvent('data and data_base64 are both there, only one is allowed', {
        attribute: 'data_base64',
      });
    }
    return payloadOfBytes(type, decodeBase64(base64, 'data_base64'), 'data_base64');
  }
  if (!hasData) return undefined;
  if (isBase64In03(raw)) return payloadOfBytes(type, decodeBase64(data, 'data'), 'data');
  if (isEncodedText(data, type)) return { bytes: Buffer.from(data, 'utf8') };
  return { json: data, text: memberOf(text, 'data') };
}

/**
 * JSON format 3.1.2: a string is content of the media type, unless that is JSON, where it is a JSON string. Text in a
 * charset that this does not write stays the text it is: its bytes would be others than the media type says.
 */
function isEncodedText(data: unknown, type: unknown): data is string {
  return typeof data === 'string' && typeof type === 'string' && !isJson(type) && isUtf8(type);
}
