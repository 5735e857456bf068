/** Beijing's clock is 8 hours before UTC's, and has no summer time. */
const OFFSET_MS = 8 * 3_600_000;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The number of an instant's day in Beijing, counted from 1970-01-01. */
export const dayNumberOf = (at: number): number => Math.floor((at + OFFSET_MS) / DAY_MS);

/** The instant, in epoch ms, of so many ms after a day's midnight in Beijing. */
export const instantOfDay = (day: number, ms: number): number => day * DAY_MS + ms - OFFSET_MS;

/** `yyyy-mm-dd` of a day. */
export const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** `yyyy-mm-dd hh:mm:ss` as Beijing's clock shows it. */
export const timeText = (at: number): string =>
  new Date(at + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** `1` for Monday to `7` for Sunday. The first day was a Thursday. */
export const weekdayText = (day: number): string => String(((day + 3) % 7) + 1);
