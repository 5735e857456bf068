import type { IncomingHttpHeaders } from 'node:http';
import { secretRedactor } from '../domain/secrets.ts';
import { OtsError, OtsUnreachable } from './errors.ts';
import { message } from './wire/message.ts';
import {
  headersWithSignature,
  md5,
  type OtsCredentials,
  responseSignature,
  sameSignature,
} from './wire/signature.ts';

const errorMessage = message<{ code: string; message?: string }>('Error');

/** Longer answers are errors. The service's own limit is 4 MB of rows plus some overhead. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const REQUEST_LIMITS = { maxBytes: MAX_ANSWER_BYTES, resend: false } as const;

/** Sends one HTTP request, as `runtime/http-client.ts` does; throws a `TimeoutError` after the timeout. */
export interface OtsHttp {
  request(request: {
    readonly url: string;
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly maxBytes: number;
    /** The HTTP client must not resend a request. The caller retries, after a check that the tunnel client is alive. */
    readonly resend: false;
  }): Promise<RawAnswer & { readonly whole: boolean }>;
  close(): void;
}

/** An answer before any checks. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TransportOptions {
  /** `http(s)://host[:port]`; a path is ignored. */
  readonly endpoint: string;
  readonly instance: string;
  /** Called for each request, so that new access keys are used without a restart. */
  readonly credentials: () => OtsCredentials;
  /** Owned by the transport: `close()` closes its connections. */
  readonly http: OtsHttp;
}

/** One request: its path, API version, body and timeout. */
export interface OtsCall {
  readonly path: string;
  readonly version: string;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends signed requests and checks the answers. */
export interface OtsTransport {
  /**
   * Returns the body of a 2xx answer.
   * @throws OtsError if the service answers an error; OtsUnreachable if there is no valid answer within the timeout;
   * the signal's reason once it is aborted
   */
  send(call: OtsCall): Promise<Buffer>;
  close(): void;
}

export function createOtsTransport({
  endpoint,
  instance,
  credentials,
  http,
}: TransportOptions): OtsTransport {
  const { origin } = new URL(endpoint);
  return {
    async send({ path, version, body, timeoutMs, signal }) {
      signal?.throwIfAborted();
      const accessKeys = credentials();
      const headers = headersWithSignature(path, body, {
        instance,
        version,
        credentials: accessKeys,
        now: Date.now(),
      });
      const unreachable = (why: string, cause?: unknown): OtsUnreachable =>
        new OtsUnreachable(`${path} at ${origin}: ${why}`, { cause });
      const request = { url: `${origin}${path}`, method: 'POST', headers, body, timeoutMs, signal } as const;
      const answer = await http.request({ ...request, ...REQUEST_LIMITS }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw unreachable(error instanceof Error ? error.message : String(error), error);
      });
      if (!answer.whole) throw unreachable(`the answer exceeds ${MAX_ANSWER_BYTES} bytes`);
      if (answer.status < 200 || answer.status > 299) throw readErrorAnswer(answer, accessKeys);
      const problem = integrityProblem(path, answer, accessKeys);
      if (problem !== undefined) throw unreachable(problem);
      return answer.body;
    },
    close: () => http.close(),
  };
}

/**
 * Converts an error answer to an `OtsError`. Redacts secrets in the service's message. An answer without an error code
 * comes from a proxy; its text is dropped.
 */
export function readErrorAnswer({ status, headers, body }: RawAnswer, accessKeys: OtsCredentials): OtsError {
  const requestId = headers['x-ots-requestid'];
  const about = { status, requestId: typeof requestId === 'string' ? requestId : undefined };
  try {
    const { code, message: text = '' } = errorMessage.decode(body);
    return new OtsError(
      code,
      secretRedactor([accessKeys.accessKeySecret, accessKeys.securityToken])(text).slice(0, 500),
      about,
    );
  } catch {
    return new OtsError(`HTTP${status}`, 'the answer has no error message of Tablestore', about);
  }
}

/**
 * Checks the checksum and signature of a 2xx answer, if present. Returns the problem, or undefined if there is none.
 */
export function integrityProblem(
  path: string,
  { headers, body }: Pick<RawAnswer, 'headers' | 'body'>,
  accessKeys: OtsCredentials,
): string | undefined {
  const expected = headers['x-ots-contentmd5'];
  if (expected !== undefined && expected !== md5(body)) return 'the answer does not match its checksum';
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const signature = responseSignature(path, headers, accessKeys.accessKeySecret);
  if (sameSignature(authorization, `OTS ${accessKeys.accessKeyId}:${signature}`)) return undefined;
  return 'the answer is not signed with the configured access key';
}
