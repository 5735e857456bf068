import { retryAfterMs } from '../../domain/retry-after.ts';
import {
  type FailureClass,
  ProviderError,
  type ProviderFailure,
} from '../../domain/weather/provider-failure.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import { createHttpClient, type HttpAnswer } from '../../runtime/http-client.ts';

/** A provider with connections, which end when it is closed; calls that are under way fail then. */
export type ClosableProvider = ForecastProvider & { close(): void };

/** More than calls are under way at any rate that a provider allows. */
const MAX_CONNECTIONS = 64;
/** Unused connections are dropped before a server drops them: a call that is lost on one may have been counted. */
const IDLE_MS = 4_000;
/** Several times the longest answer that is asked for. */
const MAX_ANSWER_BYTES = 256 * 1_024;
/** Nobody is waited for longer, whatever Retry-After says. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** The calls of one provider, over connections of its own. */
export interface ProviderHttp {
  /**
   * Makes one GET, without trying again; answers whatever the status. `path` has the query, and so a key: it is in no
   * message. `subject` is who is asked for what: `AMap for 杭州市 (330100)`.
   * @throws the signal's reason as soon as it is aborted; ProviderError, transient, with the code `timeout` when the
   * whole answer is not there by the deadline, `network` when it cannot come, `unreadable` when it is too long. These
   * have no cause: a path is in some errors of the network.
   */
  get(path: string, subject: string, signal: AbortSignal | undefined): Promise<HttpAnswer>;
  close(): void;
}

/** Calls below an endpoint's own path, each with a deadline. */
export function createProviderHttp(endpoint: string, deadlineMs: number): ProviderHttp {
  const http = createHttpClient({ maxConnections: MAX_CONNECTIONS, idleMs: IDLE_MS });
  const base = endpoint.replace(/\/+$/, '');
  const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
  return {
    async get(path, subject, signal) {
      const request = { url: `${base}${path}`, method: 'GET', headers, deadlineMs, signal } as const;
      let answer: HttpAnswer;
      try {
        answer = await http.request({ ...request, maxBytes: MAX_ANSWER_BYTES, resend: false });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Error && error.name === 'TimeoutError')
          throw transientFailure('timeout', `${subject}: no answer within ${deadlineMs} ms`);
        throw transientFailure('network', `${subject}: the connection failed${errorCodeText(error)}`);
      }
      if (!answer.whole) throw unreadableAnswer(subject, `is longer than ${MAX_ANSWER_BYTES} bytes`);
      return answer;
    },
    close: () => http.close(),
  };
}

/** The JSON of an answer; undefined where its bytes are none, as when they are compressed, for which nobody asked. */
export function parseJsonBody({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** The JSON of an answer with status 200; throws ProviderError for every other status, and where it is no JSON. */
export function requireJson(answer: HttpAnswer, subject: string, at: number): unknown {
  if (answer.status !== 200) throw new ProviderError(statusFailure(answer, subject, at));
  const json = parseJsonBody(answer);
  if (json === undefined) throw unreadableAnswer(subject, `is no JSON (${answer.body.length} bytes)`);
  return json;
}

/** What a status other than 200 means where the body does not say; code `http-502`. `at` is now in epoch ms. */
export function statusFailure({ status, headers }: HttpAnswer, subject: string, at: number): ProviderFailure {
  const afterMs = retryAfterMs(headers['retry-after'], at, MAX_RETRY_AFTER_MS);
  return {
    class: failureClassOf(status),
    code: `http-${status}`,
    reason: `${subject}: answered with HTTP ${status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** A failure, transient, of an answer that says nothing that can be understood. */
export const unreadableAnswer = (subject: string, why: string) =>
  transientFailure('unreadable', `${subject}: the answer ${why}`);

const transientFailure = (code: string, reason: string) =>
  new ProviderError({ class: 'transient', code, reason });

/** ` (ECONNRESET)`, where there is a code. */
function errorCodeText(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_\d]{1,40}$/.test(code) ? ` (${code})` : '';
}

/**
 * Redirects and the other 4xx are transient: providers tell their refusals in the body, so these come from something on
 * the way, which does not know of keys and quotas. Were one of them to stay, a few tries for each place would be lost;
 * to take one that passes for a wrong configuration would stop a whole refresh.
 */
function failureClassOf(status: number): FailureClass {
  if (status === 429) return 'throttled';
  return status === 401 || status === 403 ? 'configuration' : 'transient';
}
