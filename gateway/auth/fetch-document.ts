import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf, Unavailable } from '../../domain/errors.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the only authorities to trust, in place of the system's. */
  readonly ca?: string;
}

/** Gets a small document; what `fetchDocument` promises. */
export type FetchDocument = (url: URL, limits: FetchLimits) => Promise<Buffer>;

/**
 * Gets a small document over https or http, whole; any answer but 200 (redirects too), one over the limit, a late one
 * or none throws `Unavailable`.
 */
export const fetchDocument: FetchDocument = async (url, { maxBytes, timeoutMs, headers = {}, ca }) => {
  const signal = AbortSignal.timeout(timeoutMs);
  const fail = (why: string, cause?: unknown): Unavailable =>
    new Unavailable('DocumentUnavailable', `${url.origin}${url.pathname.slice(0, 200)}: ${why}`, { cause });
  try {
    const response = await answerOf(url, { signal, headers, ...(ca === undefined ? {} : { ca }) });
    try {
      if (response.statusCode !== 200) throw fail(`answered ${response.statusCode}`);
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw fail(`is over ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw fail(signal.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error), error);
  }
};

interface Sending {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string;
}

/** Node's own client: unlike `fetch` it takes an authority of the caller's, and it follows no redirect. */
function answerOf(url: URL, sending: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const sent = request(url, { ...sending, agent: false });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
}
