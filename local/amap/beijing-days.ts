/** Beijing is 8 hours ahead of UTC and has no daylight saving time. */
const OFFSET_MS = 8 * 3_600_000;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Returns the day of an instant in Beijing, counted from 1970-01-01. */
export const dayNumberOf = (at: number): number => Math.floor((at + OFFSET_MS) / DAY_MS);

/** Returns the instant, in epoch ms, that is `ms` after midnight in Beijing on `day`. */
export const instantOfDay = (day: number, ms: number): number => day * DAY_MS + ms - OFFSET_MS;

/** Formats a day as `yyyy-mm-dd`. */
export const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Formats an instant as `yyyy-mm-dd hh:mm:ss` in Beijing time. */
export const timeText = (at: number): string =>
  new Date(at + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** Returns the weekday, `1` for Monday to `7` for Sunday. Day 0 was a Thursday. */
export const weekdayText = (day: number): string => String(((day + 3) % 7) + 1);
