import type { ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface RefusalContext {
  readonly subject: string;
  /** Now, in epoch ms. */
  readonly at: number;
  readonly clean: (text: string) => string;
}

/**
 * What `{"error": true, "reason": …}` means; undefined for every other body. It is told from the reason which limit is
 * exceeded, and how long that lasts, since no Retry-After comes with it. The parameters are the same in every call but
 * for the places: a 400 is about those, or this Open-Meteo does not know a variable, and then not for any place.
 */
export function openMeteoFailure(
  status: number,
  body: unknown,
  { subject, at, clean }: RefusalContext,
): ProviderFailure | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body) || body.error !== true)
    return undefined;
  const told = 'reason' in body && typeof body.reason === 'string' ? clean(body.reason).slice(0, 300) : '';
  const common = { code: `http-${status}`, reason: `${subject}: refused with HTTP ${status}: ${told}` };
  if (status === 429 || /limit exceeded|too many/i.test(told)) {
    // Some are for a month, as for customers.
    if (/daily|tomorrow|month/i.test(told)) return { ...common, class: 'quota' };
    return { ...common, class: 'throttled', ...quotaWait(told, at) };
  }
  if (status !== 400) return undefined;
  const place = /location|latitude|longitude|coordinate|elevation/i.test(told);
  return { ...common, class: place ? 'place' : 'configuration' };
}

function quotaWait(reason: string, at: number): { afterMs: number } | undefined {
  if (/minutely|one minute/i.test(reason)) return { afterMs: MINUTE_MS };
  return /hourly|next hour/i.test(reason) ? { afterMs: HOUR_MS - (at % HOUR_MS) } : undefined;
}
