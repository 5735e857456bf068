/** China has one time zone. It has had no summer time since 1991. */
const OFFSET_MS = 8 * 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Returns the day in Beijing at an instant (epoch ms), `yyyy-mm-dd`. */
export const beijingDay = (at: number): string => new Date(at + OFFSET_MS).toISOString().slice(0, 10);

/** Returns the time in Beijing at an instant (epoch ms), `yyyy-mm-dd hh:mm:ss`, the format of report times. */
export const beijingWallClock = (at: number): string =>
  new Date(at + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** Returns the month in Beijing, `yyyy-mm`. */
export const beijingMonth = (at: number): string => beijingDay(at).slice(0, 7);

/** Returns the next midnight in Beijing, as epoch ms. */
export const nextBeijingMidnight = (at: number): number =>
  Math.floor((at + OFFSET_MS) / DAY_MS + 1) * DAY_MS - OFFSET_MS;

/** Returns the midnight that ends a day (`yyyy-mm-dd`) in Beijing, as epoch ms. */
export const endOfBeijingDay = (day: string): number => Date.parse(`${day}T24:00:00+08:00`);

/** Returns the number of days left in the month in Beijing, including the current one. */
export function daysLeftInMonth(at: number): number {
  const [year = 0, month = 0, day = 0] = beijingDay(at).split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - day + 1;
}
