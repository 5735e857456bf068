import { bodyBytes, type ParkedRequest } from '../parked-request.ts';

/** A parked request as it is to be posted to the gateway again. */
export interface ReplayRequest {
  readonly path: string;
  /** Values as Latin-1, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a Knative broker adds to an event that it gave up on: dest, code, data, and whatever comes with them. */
const ADDED = /^knativeerror/;
const ADDED_HEADER = /^ce-knativeerror/;

/**
 * The request that a parked one was: path, headers and bytes. A dead letter becomes the event that the broker had to
 * deliver: it goes to `/events`, and what the broker added is taken off its headers or its JSON.
 */
export function replayRequest(parked: ParkedRequest): ReplayRequest {
  const { path, headers, deadLetter } = parked;
  const body = bodyBytes(parked);
  if (deadLetter === undefined && !/^\/dead-letters\/?$/i.test(path)) return { path, headers, body };
  const kept = Object.entries(headers).filter(([name]) => !ADDED_HEADER.test(name));
  return {
    path: '/events',
    headers: Object.fromEntries(kept),
    body: isBinary(headers) ? body : stripped(body),
  };
}

/** In binary mode the body is the payload, in which nothing is the broker's. */
function isBinary(headers: ParkedRequest['headers']): boolean {
  if (/^\s*application\/cloudevents/i.test(headers['content-type'] ?? '')) return false;
  return Object.keys(headers).some((name) => name.startsWith('ce-'));
}

/** Written anew only where something is taken off; the gateway reads the same values from it. */
function stripped(body: Buffer): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return body;
  }
  const events = Array.isArray(value) ? value : [value];
  if (!events.some(wasAddedTo)) return body;
  const clean = events.map((event: unknown) => (wasAddedTo(event) ? without(event) : event));
  return Buffer.from(JSON.stringify(Array.isArray(value) ? clean : clean[0]));
}

const wasAddedTo = (event: unknown): event is object =>
  typeof event === 'object' && event !== null && Object.keys(event).some((name) => ADDED.test(name));

const without = (event: object): object =>
  Object.fromEntries(Object.entries(event).filter(([name]) => !ADDED.test(name)));
