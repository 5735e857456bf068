import type { IncomingMessage } from 'node:http';
import type { RequestHead, RequestWithCredentials } from '../auth/credentials.ts';
import type { RawRequest } from '../decode/decode-request.ts';

/** The head of a request with events: the headers, and the path without its query. */
export interface EventRequestHead extends RequestHead {
  readonly path: string;
}

/** A request with events, and its body. */
export type EventRequest = EventRequestHead & RequestWithCredentials;

/**
 * Returns a request's headers. A repeated `ce-*` header is a list. Node.js would join the values to `a, b`, a value
 * that the sender did not send.
 */
export function requestHeaders(request: IncomingMessage): RawRequest['headers'] {
  const { headers } = request;
  if (!Object.keys(headers).some((name) => name.startsWith('ce-'))) return headers;
  const repeated = Object.entries(request.headersDistinct).filter(
    ([name, values]) => name.startsWith('ce-') && (values?.length ?? 0) > 1,
  );
  return repeated.length === 0 ? headers : { ...headers, ...Object.fromEntries(repeated) };
}
