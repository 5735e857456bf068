import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { limitedSignal } from './limited-signal.ts';

/** One request. */
export interface HttpRequest {
  readonly url: string | URL;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A list is sent as a repeated header. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** The timeout for the whole answer, in ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The maximum bytes of the answer's body. With 0, the body is discarded, and the call does not wait for it. */
  readonly maxBytes: number;
  /** Returns false for statuses whose body is not needed. @default always true */
  readonly wantsBody?: (status: number) => boolean;
  /** Resends a request if the server closes the reused connection while the request is being sent. @default true */
  readonly resend?: boolean;
  /** The only certificate authorities to trust (PEM), instead of the system's. */
  readonly ca?: string | undefined;
}

/** The answer, with any status. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** The body up to `maxBytes`. */
  readonly body: Buffer;
  /** False if the body was cut or discarded. */
  readonly whole: boolean;
}

/** Sends requests over keep-alive connections. */
export interface HttpClient {
  /**
   * Sends a request without following redirects.
   * @throws the signal's reason after an abort, a `TimeoutError` after the timeout, otherwise the connection's error
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes the connections. */
  close(): void;
}

export interface HttpClientOptions {
  /** The maximum number of connections. */
  readonly maxConnections: number;
  /**
   * How long an idle connection is kept, in ms. With 0, connections are not kept. @default until the server closes it
   */
  readonly idleMs?: number;
  /** Resolves host names. @default the system's resolver */
  readonly lookup?: LookupFunction;
}

/**
 * Uses Node's own client, because `fetch` rejects some ports that gateways use (10080 and others, "bad port") and
 * cannot take custom certificate authorities.
 */
export function createHttpClient({ maxConnections, idleMs, lookup }: HttpClientOptions): HttpClient {
  const options = {
    ...{ keepAlive: idleMs !== 0, maxSockets: maxConnections },
    ...(idleMs ? { timeout: idleMs } : {}),
    ...(lookup === undefined ? {} : { lookup }),
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
        headers: { ...headers, ...length } as OutgoingHttpHeaders,
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
      const { timeoutMs, maxBytes, wantsBody = () => true } = request;
      const { signal, release } = limitedSignal(request.signal, timeoutMs);
      try {
        const answer = await send(request, signal);
        const { statusCode: status = 0, statusMessage: statusText = '', headers } = answer;
        const about = { status, statusText, headers };
        if (maxBytes === 0 || !wantsBody(status)) {
          // The timeout applies to the discarded body, too: an endless body would keep its connection.
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
        // For a name with several addresses, the error is an aggregate without a message. Its first error is enough.
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

/** Sends a request over connections that the whole process shares. */
export const sendHttp = (request: HttpRequest): Promise<HttpAnswer> => sharedClient.request(request);

async function readBody(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<{ body: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    received += chunk.length;
    // Leaving the loop destroys the answer.
    if (received > maxBytes) break;
  }
  const whole = received <= maxBytes;
  const body = Buffer.concat(chunks);
  return { body: whole ? body : body.subarray(0, maxBytes), whole };
}
