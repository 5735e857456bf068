import { DateTime } from 'luxon';

/**
 * The wait that a `Retry-After` asks for, in ms, at most `longestMs`; undefined where there is none that can be read.
 * It is a number of seconds or a date (RFC 9110, 10.2.3); a date that has passed is 0. `now` in epoch ms.
 */
export function retryAfterMs(header: string | undefined, now: number, longestMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  const ms = isSeconds ? Number(text) * 1_000 : DateTime.fromHTTP(text).toMillis() - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestMs);
}
