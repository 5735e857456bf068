import type { IncomingMessage } from 'node:http';
import type { RequestWithCredentials } from '../auth/credentials.ts';
import type { RawRequest } from '../decode/decode-request.ts';

/** A request to the sink: header names in lower case, values as Latin-1, the raw body, the path without its query. */
export interface EventRequest extends RequestWithCredentials {
  readonly path: string;
}

/**
 * Returns a request's headers. A repeated `ce-*` header is a list: Node.js joins the values, and `a, b` would be an
 * identity that no sender used.
 */
export function requestHeaders(request: IncomingMessage): RawRequest['headers'] {
  const { headers } = request;
  if (!Object.keys(headers).some((name) => name.startsWith('ce-'))) return headers;
  const repeated = Object.entries(request.headersDistinct).filter(
    ([name, values]) => name.startsWith('ce-') && (values?.length ?? 0) > 1,
  );
  return repeated.length === 0 ? headers : { ...headers, ...Object.fromEntries(repeated) };
}
