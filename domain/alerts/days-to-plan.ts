import { beijingDay } from '../weather/beijing-time.ts';

const DAY_MS = 24 * 60 * 60_000;

/** The maximum number of days in one pass. Days that were missed earlier are not recorded as missed. */
const MAX_DAYS = 7;

/**
 * Returns the days (`yyyy-mm-dd`) whose runs a daily pass starts, in order. These are tomorrow in Beijing, and the
 * days that earlier passes have missed, so that the ledger says what was missed.
 */
export function daysToPlan(now: number, plannedThrough: string | undefined): string[] {
  const days = Array.from({ length: MAX_DAYS }, (_, back) => beijingDay(now + (1 - back) * DAY_MS)).reverse();
  const tomorrow = days.at(-1) ?? '';
  if (plannedThrough === undefined || plannedThrough >= tomorrow) return [tomorrow];
  return days.filter((day) => day > plannedThrough);
}
