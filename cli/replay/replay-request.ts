import { decodeBody, type ParkedRequest } from '../../domain/parked-request.ts';
import { childrenOf } from '../../gateway/decode/json-text.ts';

/** A parked request as it is to be posted to the gateway again. */
export interface ReplayRequest {
  readonly path: string;
  /** Values as Latin-1, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a Knative broker adds to an event that it gave up on; its own hop count, too, which else a filter takes off. */
const ADDED_ATTRIBUTE = /^knative(error|brokerttl$)/;
const ADDED_HEADER = /^ce-knative(error|brokerttl$)/;

/**
 * The request that a parked one was: path, headers and bytes. A dead letter becomes the event that the broker had to
 * deliver: it goes to `/events`, and what the broker added is taken off its headers or its JSON.
 */
export function replayRequest(parked: ParkedRequest): ReplayRequest {
  const { path, headers, deadLetter } = parked;
  const body = decodeBody(parked);
  if (deadLetter === undefined && !/^\/dead-letters\/?$/i.test(path)) return { path, headers, body };
  const kept = Object.entries(headers).filter(([name]) => !ADDED_HEADER.test(name));
  return {
    path: '/events',
    headers: Object.fromEntries(kept),
    body: isBinary(headers) ? body : withoutAddedAttributes(body),
  };
}

/** In binary mode the body is the payload, in which nothing is the broker's. */
function isBinary(headers: ParkedRequest['headers']): boolean {
  if (/^\s*application\/cloudevents/i.test(headers['content-type'] ?? '')) return false;
  return Object.keys(headers).some((name) => name.startsWith('ce-'));
}

/** Taken off as text, where there is something to take off: a number that is parsed may come out as another. */
function withoutAddedAttributes(body: Buffer): Buffer {
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  let value: unknown;
  try {
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

/** The text of a JSON object without the broker's members. */
function removeAddedAttributes(text: string): string {
  const members = childrenOf(text).flatMap(({ key = '', start, end }) =>
    ADDED_ATTRIBUTE.test(key) ? [] : [`${JSON.stringify(key)}:${text.slice(start, end)}`],
  );
  return `{${members.join(',')}}`;
}
