/** China has one time zone, without summer time since 1991. */
const OFFSET_MS = 8 * 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The day in Beijing at an instant (epoch ms), `yyyy-mm-dd`. */
export const beijingDay = (at: number): string => new Date(at + OFFSET_MS).toISOString().slice(0, 10);

/** The wall clock in Beijing at an instant (epoch ms), `yyyy-mm-dd hh:mm:ss`, as providers write when they issued. */
export const beijingWallClock = (at: number): string =>
  new Date(at + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

/** The month in Beijing, `yyyy-mm`. */
export const beijingMonth = (at: number): string => beijingDay(at).slice(0, 7);

/** The next midnight in Beijing, as epoch ms. */
export const nextBeijingMidnight = (at: number): number =>
  Math.floor((at + OFFSET_MS) / DAY_MS + 1) * DAY_MS - OFFSET_MS;

/** The midnight that ends a day (`yyyy-mm-dd`) in Beijing, as epoch ms. */
export const endOfBeijingDay = (day: string): number => Date.parse(`${day}T24:00:00+08:00`);

/** Days from an instant to the end of its month in Beijing, that day included. */
export function daysLeftInMonth(at: number): number {
  const [year = 0, month = 0, day = 0] = beijingDay(at).split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - day + 1;
}
