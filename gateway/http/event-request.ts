import type { IncomingMessage } from 'node:http';
import type { SignedRequest } from '../auth/credentials.ts';
import type { RawRequest } from '../decode/decode-request.ts';

/** A request to the sink as it came: header names in lower case, values as Latin-1, the body raw, the path without its query. */
export interface EventRequest extends SignedRequest {
  readonly path: string;
}

/**
 * A request's headers, in which a `ce-*` header that came more than once is a list: Node.js joins them, and `a, b` is
 * an identity that nobody sent.
 */
export function requestHeaders(request: IncomingMessage): RawRequest['headers'] {
  const { headers } = request;
  if (!Object.keys(headers).some((name) => name.startsWith('ce-'))) return headers;
  const repeated = Object.entries(request.headersDistinct).filter(
    ([name, values]) => name.startsWith('ce-') && (values?.length ?? 0) > 1,
  );
  return repeated.length === 0 ? headers : { ...headers, ...Object.fromEntries(repeated) };
}
