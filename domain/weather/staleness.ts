import { beijingDay } from './beijing-time.ts';

/** What makes a forecast stale. */
export interface StalenessLimits {
  /** So many ms without a success. */
  readonly staleAfterMs: number;
  /** So many ms since the provider issued it, where it said when. */
  readonly issueStaleAfterMs: number;
}

/** A forecast's times in epoch ms; undefined where they are not known. */
export interface ForecastTimes {
  /** When its provider last answered for it. */
  readonly succeededMs: number | undefined;
  readonly issuedMs: number | undefined;
  /** The first of its days (`yyyy-mm-dd`, Beijing). */
  readonly firstDay: string | undefined;
}

/** Whether a forecast is too old to be relied on, or does not begin today. */
export function isStale(
  { succeededMs = 0, issuedMs, firstDay }: ForecastTimes,
  { staleAfterMs, issueStaleAfterMs }: StalenessLimits,
  nowMs: number,
): boolean {
  return (
    nowMs - succeededMs > staleAfterMs ||
    nowMs - (issuedMs ?? nowMs) > issueStaleAfterMs ||
    firstDay !== beijingDay(nowMs)
  );
}
