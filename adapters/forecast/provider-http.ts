import { retryAfterMs } from '../../domain/retry-after.ts';
import { type Failure, type FailureClass, ProviderFailed } from '../../domain/weather/provider-failure.ts';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';
import { createHttpClient, type HttpAnswer } from '../../runtime/http-client.ts';

/** A provider with connections, which end when it is closed; calls that are under way fail then. */
export type OpenedProvider = ForecastProvider & { close(): void };

/** More than calls are under way at any rate that a provider allows. */
const CONNECTIONS = 64;
/** Unused connections are dropped before a server drops them: a call that is lost on one may have been counted. */
const IDLE_MS = 4_000;
/** Several times the longest answer that is asked for. */
const LONGEST_BYTES = 256 * 1_024;
/** Nobody is waited for longer, whatever Retry-After says. */
const LONGEST_WAIT_MS = 3_600_000;

/** The calls of one provider, over connections of its own. */
export interface ProviderCalls {
  /**
   * Makes one GET, without trying again; answers whatever the status. `path` has the query, and so a key: it is in no
   * message. `subject` is who is asked for what: `AMap for 杭州市 (330100)`.
   * @throws the signal's reason as soon as it is aborted; ProviderFailed, transient, with the code `timeout` when the
   * whole answer is not there by the deadline, `network` when it cannot come, `unreadable` when it is too long. These
   * have no cause: a path is in some errors of the network.
   */
  get(path: string, subject: string, signal: AbortSignal | undefined): Promise<HttpAnswer>;
  close(): void;
}

/** Calls below an endpoint's own path, each with a deadline. */
export function providerCalls(endpoint: string, deadlineMs: number): ProviderCalls {
  const http = createHttpClient({ connections: CONNECTIONS, idleMs: IDLE_MS });
  const base = endpoint.replace(/\/+$/, '');
  const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
  return {
    async get(path, subject, signal) {
      const request = { url: `${base}${path}`, method: 'GET', headers, deadlineMs, signal } as const;
      let answer: HttpAnswer;
      try {
        answer = await http.request({ ...request, maxBytes: LONGEST_BYTES, resend: false });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Error && error.name === 'TimeoutError')
          throw failed('timeout', `${subject}: no answer within ${deadlineMs} ms`);
        throw failed('network', `${subject}: the connection failed${codeOf(error)}`);
      }
      if (!answer.whole) throw unreadable(subject, `is longer than ${LONGEST_BYTES} bytes`);
      return answer;
    },
    close: () => http.close(),
  };
}

/** The JSON of an answer; undefined where its bytes are none, as when they are compressed, for which nobody asked. */
export function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** The JSON of an answer with status 200; throws ProviderFailed for every other status, and where it is no JSON. */
export function requireJson(answer: HttpAnswer, subject: string, at: number): unknown {
  if (answer.status !== 200) throw new ProviderFailed(statusFailure(answer, subject, at));
  const json = jsonOf(answer);
  if (json === undefined) throw unreadable(subject, `is no JSON (${answer.body.length} bytes)`);
  return json;
}

/** What a status other than 200 means where the body does not say; code `http-502`. `at` is now in epoch ms. */
export function statusFailure({ status, headers }: HttpAnswer, subject: string, at: number): Failure {
  const afterMs = retryAfterMs(headers['retry-after'], at, LONGEST_WAIT_MS);
  return {
    class: classOf(status),
    code: `http-${status}`,
    reason: `${subject}: answered with HTTP ${status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** A failure, transient, of an answer that says nothing that can be understood. */
export const unreadable = (subject: string, why: string) =>
  failed('unreadable', `${subject}: the answer ${why}`);

const failed = (code: string, reason: string) => new ProviderFailed({ class: 'transient', code, reason });

/** ` (ECONNRESET)`, where there is a code. */
function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_\d]{1,40}$/.test(code) ? ` (${code})` : '';
}

/**
 * Redirects and the other 4xx are transient: providers tell their refusals in the body, so these come from something on
 * the way, which does not know of keys and quotas. Were one of them to stay, a few tries for each place would be lost;
 * to take one that passes for a wrong configuration would stop a whole refresh.
 */
function classOf(status: number): FailureClass {
  if (status === 429) return 'throttled';
  return status === 401 || status === 403 ? 'configuration' : 'transient';
}
