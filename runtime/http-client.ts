import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { limitedSignal } from './limited-signal.ts';

/** One request. */
export interface HttpRequest {
  readonly url: string | URL;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** For the whole answer, in ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the answer's body that are wanted; with 0 the body is not waited for, and ends by the deadline. */
  readonly maxBytes: number;
  /** Whether the body of an answer with this status is wanted at all. @default every one */
  readonly wantsBody?: (status: number) => boolean;
  /**
   * Whether a request is sent again that was lost because the server closed a kept connection just then. @default true
   */
  readonly resend?: boolean;
  /** PEM of the only authorities to trust, in place of the system's. */
  readonly ca?: string | undefined;
}

/** What was answered, whatever the status. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** Cut at `maxBytes`, and `whole` says whether it was not. */
  readonly body: Buffer;
  readonly whole: boolean;
}

/** Sends requests over connections that it keeps. */
export interface HttpClient {
  /**
   * Sends once, without following redirects.
   * @throws the signal's reason once it is aborted, a `TimeoutError` after the deadline, else why there is no answer
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends the connections. */
  close(): void;
}

export interface HttpClientOptions {
  /** Connections at most. */
  readonly maxConnections: number;
  /** How long a connection is kept that nothing uses, in ms; 0: not at all. @default until the server closes it */
  readonly idleMs?: number;
}

/**
 * By Node's own client: `fetch` refuses ports that gateways are at (10080 and others, "bad port"), and takes no
 * authority of the caller's.
 */
export function createHttpClient({ maxConnections, idleMs }: HttpClientOptions): HttpClient {
  const options = {
    ...{ keepAlive: idleMs !== 0, maxSockets: maxConnections },
    ...(idleMs ? { timeout: idleMs } : {}),
  };
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };

  const send = (request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const { url, method = 'POST', headers = {}, body, ca, resend = true } = request;
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(target, {
        ...{ method, signal, agent: secure ? agents.https : agents.http },
        ...(ca === undefined ? {} : { ca }),
        headers: { ...headers, ...length },
      });
      sent.on('response', resolve);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const stale = sent.reusedSocket && error.code === 'ECONNRESET';
        if (resend && stale && !signal.aborted) resolve(send(request, signal));
        else reject(error);
      });
      sent.end(body);
    });
  };

  return {
    async request(request) {
      request.signal?.throwIfAborted();
      const { deadlineMs, maxBytes, wantsBody = () => true } = request;
      const { signal, release } = limitedSignal(request.signal, deadlineMs);
      try {
        const answer = await send(request, signal);
        const { statusCode: status = 0, statusMessage: statusText = '', headers } = answer;
        const about = { status, statusText, headers };
        if (maxBytes === 0 || !wantsBody(status)) {
          // The deadline stays until the rest has come: else a body without an end would hold its connection.
          answer
            .once('close', release)
            .on('error', () => undefined)
            .resume();
          if (answer.destroyed) release();
          return { ...about, body: Buffer.alloc(0), whole: false };
        }
        const read = await readBody(answer, maxBytes);
        release();
        return { ...about, ...read };
      } catch (error) {
        release();
        signal.throwIfAborted();
        // One error for each address of a name: the first says enough, the whole has no message.
        throw error instanceof AggregateError ? (error.errors[0] ?? error) : error;
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const sharedClient = createHttpClient({ maxConnections: Number.POSITIVE_INFINITY });

/** Sends over connections that the whole process shares. */
export const sendHttp = (request: HttpRequest): Promise<HttpAnswer> => sharedClient.request(request);

async function readBody(answer: IncomingMessage, bytes: number): Promise<{ body: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let got = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    got += chunk.length;
    // Leaving the loop destroys the answer.
    if (got > bytes) break;
  }
  const whole = got <= bytes;
  const body = Buffer.concat(chunks);
  return { body: whole ? body : body.subarray(0, bytes), whole };
}
