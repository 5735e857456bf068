import type { IncomingMessage } from 'node:http';
import type { RawRequest } from '../decode/decode-request.ts';

/**
 * A request's headers, in which a `ce-*` header that came more than once is a list: Node.js joins them, and `a, b` is
 * an identity that nobody sent.
 */
export function headersOf({ headers, headersDistinct }: IncomingMessage): RawRequest['headers'] {
  const repeated = Object.entries(headersDistinct).filter(
    ([name, values]) => name.startsWith('ce-') && (values?.length ?? 0) > 1,
  );
  return repeated.length === 0 ? headers : { ...headers, ...Object.fromEntries(repeated) };
}
