import { retryAfterMs } from '../../domain/retry-after.ts';
import { trimEndOf } from '../../domain/trim-characters.ts';
import {
  type FailureClass,
  ProviderError,
  type ProviderFailure,
} from '../../domain/weather/provider-failure.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import { createHttpClient, type HttpAnswer } from '../../runtime/http-client.ts';

/** A provider with connections. Closing it fails the calls in flight. */
export type ProviderWithConnections = ForecastProvider & { close(): void };

/** Enough for 64 calls a second if each answer takes a second. Further calls wait for a free connection. */
const MAX_CONNECTIONS = 64;
/**
 * Shorter than the idle timeout of servers. If a server closed a connection during a call, the call would be lost,
 * but the provider might have counted it.
 */
const IDLE_MS = 4_000;
/** Several times the longest expected answer. */
const MAX_ANSWER_BYTES = 256 * 1_024;
/** Upper bound for the wait that a `Retry-After` header asks for. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** HTTP calls to one provider, with its own connections. */
export interface ProviderHttp {
  /**
   * Sends one GET without retries, and returns the answer with any status. No message contains `path`, because the
   * API key is in its query. `subject` names the provider and the place:
   * `AMap for 杭州市 (330100)`.
   * @throws the signal's reason if it is aborted; otherwise a transient ProviderError. Its code is `timeout` if the
   * answer is not complete within the timeout, `network` if the connection fails, and `unreadable` if the answer is
   * too long. These errors have no cause, because some network errors contain the path.
   */
  get(path: string, subject: string, signal: AbortSignal | undefined): Promise<HttpAnswer>;
  close(): void;
}

/** Creates a client for paths below the endpoint's path. Each call has a timeout. */
export function createProviderHttp(endpoint: string, timeoutMs: number): ProviderHttp {
  const http = createHttpClient({ maxConnections: MAX_CONNECTIONS, idleMs: IDLE_MS });
  const base = trimEndOf(endpoint, '/');
  const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
  return {
    async get(path, subject, signal) {
      const request = { url: `${base}${path}`, method: 'GET', headers, timeoutMs, signal } as const;
      let answer: HttpAnswer;
      try {
        answer = await http.request({ ...request, maxBytes: MAX_ANSWER_BYTES, resend: false });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Error && error.name === 'TimeoutError')
          throw transientFailure('timeout', `${subject}: no answer within ${timeoutMs} ms`);
        throw transientFailure('network', `${subject}: the connection failed${errorCodeText(error)}`);
      }
      if (!answer.whole) throw unreadableAnswer(subject, `is longer than ${MAX_ANSWER_BYTES} bytes`);
      return answer;
    },
    close: () => http.close(),
  };
}

/** Parses the JSON of an answer. Returns undefined if the body is not JSON, for example because it is compressed. */
export function parseJsonBody({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Returns the JSON of an answer with status 200. Throws ProviderError for any other status, and for invalid JSON. */
export function requireJson(answer: HttpAnswer, subject: string, at: number): unknown {
  if (answer.status !== 200) throw new ProviderError(statusFailure(answer, subject, at));
  const json = parseJsonBody(answer);
  if (json === undefined) throw unreadableAnswer(subject, `is not JSON (${answer.body.length} bytes)`);
  return json;
}

/**
 * Classifies a status other than 200 if the body does not explain the failure. The code is like `http-502`. `at` is the
 * current time in epoch ms.
 */
export function statusFailure({ status, headers }: HttpAnswer, subject: string, at: number): ProviderFailure {
  const afterMs = retryAfterMs(headers['retry-after'], at, MAX_RETRY_AFTER_MS);
  return {
    class: failureClassOf(status),
    code: `http-${status}`,
    reason: `${subject}: answered with HTTP ${status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** Creates the transient failure for an answer that cannot be understood. */
export const unreadableAnswer = (subject: string, why: string) =>
  transientFailure('unreadable', `${subject}: the answer ${why}`);

const transientFailure = (code: string, reason: string) =>
  new ProviderError({ class: 'transient', code, reason });

/** Returns ` (ECONNRESET)` if the error has a code, otherwise ''. */
function errorCodeText(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_\d]{1,40}$/.test(code) ? ` (${code})` : '';
}

/**
 * All statuses except 401, 403 and 429 are transient, also redirects and other 4xx statuses. Providers report errors in
 * the body. So another 4xx status comes from a proxy that knows nothing about keys and quotas. A wrong "transient"
 * costs a few attempts for each place. A wrong "configuration" would stop a whole refresh.
 */
function failureClassOf(status: number): FailureClass {
  if (status === 429) return 'throttled';
  return status === 401 || status === 403 ? 'configuration' : 'transient';
}
