import { messageOf, Unavailable } from '../../domain/errors.ts';
import { createHttpClient, type HttpAnswer } from '../../runtime/http-client.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The only certificate authorities to trust (PEM). They replace those of the system. */
  readonly ca?: string;
}

/** Keeps no connections open. Documents are fetched rarely, so the server would usually have closed the connection. */
const http = createHttpClient({ maxConnections: Number.POSITIVE_INFINITY, idleMs: 0 });

/** Fetches a small document, as `fetchDocument` does. */
export type FetchDocument = (url: URL, limits: FetchLimits) => Promise<Buffer>;

/**
 * Fetches a whole small document over http or https. Redirects are not followed. Throws `Unavailable` for any other
 * status than 200, for a document over the limit, after the timeout, and without an answer. Messages omit the query,
 * because it may contain a secret.
 */
export const fetchDocument: FetchDocument = async (url, { timeoutMs, ...limits }) => {
  const fail = (reason: string, cause?: unknown): Unavailable =>
    new Unavailable('DocumentUnavailable', `${url.origin}${url.pathname.slice(0, 200)}: ${reason}`, {
      cause,
    });
  let answer: HttpAnswer;
  try {
    answer = await http.request({
      url,
      method: 'GET',
      timeoutMs,
      ...limits,
      wantsBody: (status) => status === 200,
    });
  } catch (error) {
    throw fail(messageOf(error), error);
  }
  if (answer.status !== 200) throw fail(`answered ${answer.status}`);
  if (!answer.whole) throw fail(`larger than ${limits.maxBytes} bytes`);
  return answer.body;
};
