import { DateTime } from 'luxon';

/**
 * Returns the delay in ms that a `Retry-After` header asks for, at most `longestMs`; undefined if the header is missing
 * or unreadable. The header is a number of seconds or a date (RFC 9110, 10.2.3). For a past date the delay is 0. `now`
 * is in epoch ms.
 */
export function retryAfterMs(header: string | undefined, now: number, longestMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  const ms = isSeconds ? Number(text) * 1_000 : DateTime.fromHTTP(text).toMillis() - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestMs);
}
