import type { CloudEvent, EventData } from '../../domain/cloud-event.ts';
import { mediaTypeOf } from '../../domain/media-type.ts';
import { BadEvent, quoteForMessage } from './bad-event.ts';
import { buildCheckedEvent } from './check-attributes.ts';
import { decodeBinaryEvent } from './decode-binary.ts';
import { childrenOf, jsonMemberText, type ParsedJson, parseJson } from './json-text.ts';
import { JsonBudget } from './measure-json.ts';
import { decodeBase64, decodePayload, hasBase64EncodingV03 } from './payload.ts';

/**
 * A request as received. Header names are in lower case, header values as Node.js gives them (Latin-1), the body raw.
 */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** The content of a request: one event, or a batch, which may be empty. */
export type DecodedRequest =
  | { readonly batch: false; readonly events: readonly [CloudEvent] }
  | { readonly batch: true; readonly events: readonly CloudEvent[] };

const STRUCTURED_MEDIA_TYPE = 'application/cloudevents';
const BATCH_MEDIA_TYPE = 'application/cloudevents-batch';

/**
 * Decodes a request in any mode of the CloudEvents HTTP binding 1.0. Also accepts an event in JSON format with any
 * content type, because EventBridge and `curl -d` send such requests. Throws `BadEvent`.
 */
export function decodeRequest({ headers, body }: RawRequest): DecodedRequest {
  const contentType = singleValue(headers['content-type']);
  const budget = new JsonBudget();
  const parseBody = (): ParsedJson => parseJson(body, 'the body', budget);
  const essence = mediaTypeOf(contentType);
  if (essence.startsWith(BATCH_MEDIA_TYPE)) {
    rejectOtherFormats(essence, BATCH_MEDIA_TYPE);
    return decodeBatch(parseBody(), budget);
  }
  if (essence.startsWith(STRUCTURED_MEDIA_TYPE)) {
    rejectOtherFormats(essence, STRUCTURED_MEDIA_TYPE);
    return singleEvent(decodeEvent(parseBody(), budget));
  }
  if (Object.keys(headers).some((name) => name.startsWith('ce-')))
    return singleEvent(decodeBinaryEvent(headers, contentType, body));
  const parsed = parseBody();
  return Array.isArray(parsed.value) ? decodeBatch(parsed, budget) : singleEvent(decodeEvent(parsed, budget));
}

const singleValue = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value[0] : value;

const singleEvent = (event: CloudEvent): DecodedRequest => ({ batch: false, events: [event] });

function rejectOtherFormats(essence: string, mode: string): void {
  if (essence === mode || essence === `${mode}+json`) return;
  throw new BadEvent(`content type ${quoteForMessage(essence)} is not supported; allowed: the JSON format`, {
    status: 415,
  });
}

/** The HTTP binding does not limit a batch. This many events can be started within a request's deadline. */
const MAX_BATCH_EVENTS = 1_000;

/** Real events have fewer attributes. The gateway copies each attribute several times. */
const MAX_ATTRIBUTES = 1_000;

function decodeEvent(parsed: ParsedJson, budget: JsonBudget): CloudEvent {
  const { value } = parsed;
  const size = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  if (size > MAX_ATTRIBUTES && !Array.isArray(value))
    throw new BadEvent(`the event has ${size} attributes; allowed: at most ${MAX_ATTRIBUTES}`);
  return decodeJsonEvent(parsed, budget);
}

function decodeBatch({ value, text }: ParsedJson, budget: JsonBudget): DecodedRequest {
  if (!Array.isArray(value)) throw new BadEvent('the batch is not a JSON array');
  if (value.length > MAX_BATCH_EVENTS) {
    const sentence = `the batch has ${value.length} events; allowed: at most ${MAX_BATCH_EVENTS}`;
    throw new BadEvent(sentence, { status: 413 });
  }
  const events = childrenOf(text).map(({ start, end }, index) => {
    try {
      return decodeEvent({ value: value[index], text: text.slice(start, end) }, budget);
    } catch (error) {
      if (!(error instanceof BadEvent)) throw error;
      const about = error.attribute === undefined ? {} : { attribute: error.attribute };
      const status = error.status === 413 ? 413 : 400;
      throw new BadEvent(`event ${index} of the batch: ${error.message}`, { ...about, status });
    }
  });
  return { batch: true, events };
}

/** Decodes an event in CloudEvents' JSON format 1.0 or 0.3. Throws `BadEvent`. */
function decodeJsonEvent({ value, text }: ParsedJson, budget: JsonBudget): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadEvent(`the event is ${quoteForMessage(value)}; allowed: a JSON object`);
  }
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>;
  const raw = new Map(Object.entries(attributes));
  return buildCheckedEvent(raw, decodeJsonPayload(value, { data, base64, raw, text, budget }));
}

function decodeJsonPayload(
  value: object,
  {
    data,
    base64,
    raw,
    text,
    budget,
  }: {
    data: unknown;
    base64: unknown;
    raw: ReadonlyMap<string, unknown>;
    text: string;
    budget: JsonBudget;
  },
): EventData | undefined {
  const type = raw.get('datacontenttype');
  const hasData = 'data' in value;
  if (base64 !== undefined && base64 !== null) {
    if (hasData) {
      throw new BadEvent('the event has both data and data_base64; allowed: only one of them', {
        attribute: 'data_base64',
      });
    }
    return decodePayload(type, decodeBase64(base64, 'data_base64'), 'data_base64', budget);
  }
  if (!hasData) return undefined;
  if (hasBase64EncodingV03(raw)) return decodePayload(type, decodeBase64(data, 'data'), 'data', budget);
  // If the media type is not JSON, a string is the characters of the payload (JSON format 3.1.2).
  return { json: data, text: jsonMemberText(text, 'data') };
}
