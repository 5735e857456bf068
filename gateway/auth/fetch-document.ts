import { messageOf, Unavailable } from '../../domain/errors.ts';
import { createHttpClient, type HttpAnswer } from '../../runtime/http-client.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the only authorities to trust, in place of the system's. */
  readonly ca?: string;
}

/** Documents are fetched rarely: a kept connection would be a stale one. */
const http = createHttpClient({ maxConnections: Number.POSITIVE_INFINITY, idleMs: 0 });

/** Gets a small document; what `fetchDocument` promises. */
export type FetchDocument = (url: URL, limits: FetchLimits) => Promise<Buffer>;

/**
 * Gets a small document over https or http, whole; any answer but 200 (redirects too), one over the limit, a late one
 * or none throws `Unavailable`. No message has the query, which may be a secret.
 */
export const fetchDocument: FetchDocument = async (url, { timeoutMs: deadlineMs, ...limits }) => {
  const fail = (why: string, cause?: unknown): Unavailable =>
    new Unavailable('DocumentUnavailable', `${url.origin}${url.pathname.slice(0, 200)}: ${why}`, { cause });
  let answer: HttpAnswer;
  try {
    answer = await http.request({
      url,
      method: 'GET',
      deadlineMs,
      ...limits,
      wantsBody: (status) => status === 200,
    });
  } catch (error) {
    throw fail(messageOf(error), error);
  }
  if (answer.status !== 200) throw fail(`answered ${answer.status}`);
  if (!answer.whole) throw fail(`is over ${limits.maxBytes} bytes`);
  return answer.body;
};
