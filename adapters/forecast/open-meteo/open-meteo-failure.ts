import type { ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface RefusalContext {
  readonly subject: string;
  /** The current time in epoch ms. */
  readonly at: number;
  readonly redact: (text: string) => string;
}

/**
 * Classifies an answer with the body `{"error": true, "reason": …}`, if the reason names an exceeded limit or the
 * status is 400 or 429. Returns undefined for any other answer. Open-Meteo sends no Retry-After, so the reason shows
 * which limit is exceeded and for how long. Calls differ only in their places. So a 400 has one of two causes: a
 * wrong place, or a variable that this server does not know. In the second case all calls fail.
 */
export function openMeteoFailure(
  status: number,
  body: unknown,
  { subject, at, redact }: RefusalContext,
): ProviderFailure | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body) || body.error !== true)
    return undefined;
  const reason = 'reason' in body && typeof body.reason === 'string' ? redact(body.reason).slice(0, 300) : '';
  const common = { code: `http-${status}`, reason: `${subject}: rejected with HTTP ${status}: ${reason}` };
  if (status === 429 || /limit exceeded|too many/i.test(reason)) {
    // Paid plans have monthly limits, too.
    if (/daily|tomorrow|month/i.test(reason)) return { ...common, class: 'quota' };
    return { ...common, class: 'throttled', ...throttledWait(reason, at) };
  }
  if (status !== 400) return undefined;
  const isPlaceError = /location|latitude|longitude|coordinate|elevation/i.test(reason);
  return { ...common, class: isPlaceError ? 'place' : 'configuration' };
}

function throttledWait(reason: string, at: number): { afterMs: number } | undefined {
  if (/minutely|one minute/i.test(reason)) return { afterMs: MINUTE_MS };
  return /hourly|next hour/i.test(reason) ? { afterMs: HOUR_MS - (at % HOUR_MS) } : undefined;
}
