import { type Failure, type FailureClass, ProviderFailed } from '../../domain/weather/provider-failure.ts';
import { type HttpAnswer, jsonOf, unreadable } from './body.ts';

/** Nobody is waited for longer, whatever Retry-After says. */
const LONGEST_WAIT_MS = 3_600_000;

/** The JSON of an answer with status 200; throws ProviderFailed for every other status, and where it is no JSON. */
export function requireJson(answer: HttpAnswer, subject: string, at: number): unknown {
  if (answer.status !== 200) throw new ProviderFailed(statusFailure(answer, subject, at));
  const json = jsonOf(answer);
  if (json === undefined) throw unreadable(subject, `is no JSON (${answer.bytes.length} bytes)`);
  return json;
}

/** What a status other than 200 means where the body does not say; code `http-502`. `at` is now in epoch ms. */
export function statusFailure(answer: HttpAnswer, subject: string, at: number): Failure {
  const afterMs = waitOf(answer.retryAfter, at);
  return {
    class: classOf(answer.status),
    code: `http-${answer.status}`,
    reason: `${subject}: answered with HTTP ${answer.status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
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

/** Of seconds or a date; undefined where neither is there. */
function waitOf(retryAfter: string | undefined, at: number): number | undefined {
  if (retryAfter === undefined || retryAfter.trim() === '') return undefined;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - at : seconds * 1_000;
  return ms >= 0 ? Math.min(ms, LONGEST_WAIT_MS) : undefined;
}
