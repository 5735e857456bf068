import { beijingDay } from './beijing-time.ts';

/** The limits after which a forecast is stale. */
export interface StalenessLimits {
  /** Ms since the last successful check. */
  readonly staleAfterMs: number;
  /** Ms since the report time, if it is known. */
  readonly issueStaleAfterMs: number;
}

/** A forecast's times in epoch ms; undefined if unknown. */
export interface ForecastTimes {
  /** When the provider last returned a forecast. */
  readonly succeededMs: number | undefined;
  readonly issuedMs: number | undefined;
  /** The first day of the forecast (`yyyy-mm-dd`, Beijing). */
  readonly firstDay: string | undefined;
}

/** Checks whether a forecast is too old or does not start today. */
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
