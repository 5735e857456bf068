import { decodeBody, type ParkedRequest } from '../../domain/parked-request.ts';
import { childrenOf } from '../decode/json-text.ts';

/** The part of a parked request that can be decoded again. Header values are Latin-1, as received. */
export interface OriginalRequest {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/**
 * Attributes that a Knative broker or the source adds to a dead letter. `knativebrokerttl` is the broker's hop count, and
 * `sluiceerror` the reason of the source.
 */
const ADDED_ATTRIBUTE = /^(knativeerror|knativebrokerttl$|sluiceerror$)/;
const ADDED_HEADER = /^ce-(knativeerror|knativebrokerttl$|sluiceerror$)/;

/**
 * Restores the original request: headers and bytes. A dead letter becomes the event that its sender failed to deliver,
 * without the attributes that the sender added.
 */
export function originalRequest(parked: ParkedRequest): OriginalRequest {
  const { path, headers, deadLetter } = parked;
  const body = decodeBody(parked);
  if (deadLetter === undefined && !/^\/dead-letters\/?$/i.test(path)) return { headers, body };
  const originalHeaders = Object.entries(headers).filter(([name]) => !ADDED_HEADER.test(name));
  return {
    headers: Object.fromEntries(originalHeaders),
    body: isBinary(headers) ? body : withoutAddedAttributes(body),
  };
}

/** In binary mode the body is only the payload, without attributes. */
function isBinary(headers: ParkedRequest['headers']): boolean {
  if (/^\s*application\/cloudevents/i.test(String(headers['content-type'] ?? ''))) return false;
  return Object.keys(headers).some((name) => name.startsWith('ce-'));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Removes the attributes from the text. Parsing and printing could change numbers. */
function withoutAddedAttributes(body: Buffer): Buffer {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(body);
    value = JSON.parse(text);
  } catch {
    return body;
  }
  if (!Array.isArray(value))
    return hasAddedAttributes(value) ? Buffer.from(removeAddedAttributes(text)) : body;
  if (!value.some(hasAddedAttributes)) return body;
  const events = childrenOf(text).map(({ start, end }, index) => {
    const event = text.slice(start, end);
    return hasAddedAttributes(value[index]) ? removeAddedAttributes(event) : event;
  });
  return Buffer.from(`[${events.join(',')}]`);
}

const hasAddedAttributes = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  Object.keys(event).some((name) => ADDED_ATTRIBUTE.test(name));

/** Returns the text of a JSON object without the attributes that a broker or the source has added. */
function removeAddedAttributes(text: string): string {
  const members = childrenOf(text).flatMap(({ key = '', start, end }) =>
    ADDED_ATTRIBUTE.test(key) ? [] : [`${JSON.stringify(key)}:${text.slice(start, end)}`],
  );
  return `{${members.join(',')}}`;
}
