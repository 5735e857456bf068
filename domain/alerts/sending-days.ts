import chineseDays from 'chinese-days/dist/index.min.js';
import { addDays, localDay, type Period, wallTimeInstant } from './local-time.ts';

/** `1` is Monday, `7` Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** The days for which a subscription sends. */
export interface SendingDays {
  /** Absent: every day. */
  readonly days?: readonly Weekday[] | undefined;
  /**
   * `skip`: no public holidays. If `days` includes all of Monday to Friday, make-up workdays are added. `keep`: holidays
   * are days like others.
   */
  readonly holidays: 'keep' | 'skip';
}

/**
 * What China's holiday calendar says about a day. `make_up_workday`: a Saturday or Sunday on which people work, because
 * a holiday took a weekday. `unknown`: there is no calendar for this year.
 */
export type HolidayKind = 'holiday' | 'make_up_workday' | 'ordinary' | 'unknown';

/** Returns what a day (`yyyy-mm-dd`) is in China's holiday calendar. */
export function holidayKind(date: string): HolidayKind {
  const year = Number(date.slice(0, 4));
  // The calendar of a year begins with its New Year holiday, which can include the last days of December.
  const calendarYear = date.slice(5) >= '12-29' ? year + 1 : year;
  const { work, isListed } = calendarDay(date);
  if (isListed) return work ? 'make_up_workday' : 'holiday';
  return hasCalendar(year) && hasCalendar(calendarYear) ? 'ordinary' : 'unknown';
}

/** New Year's Day is a holiday in every calendar. */
const hasCalendar = (year: number): boolean => calendarDay(`${year}-01-01`).isListed;

/** The name of a listed day is like `Spring Festival,春节,4`. The name of other days is the weekday. */
function calendarDay(date: string): { readonly work: boolean; readonly isListed: boolean } {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  // The library reads the local parts of a Date. At noon they are this day in every zone that a process can have.
  const { work, name } = chineseDays.getDayDetail(new Date(year, month - 1, day, 12));
  return { work, isListed: name.includes(',') };
}

/** Checks whether a subscription sends for a day (`yyyy-mm-dd`). In a year without a calendar, only `days` counts. */
export function isSendingDay(date: string, { days, holidays }: SendingDays): boolean {
  const { work, isListed } = holidays === 'skip' ? calendarDay(date) : { work: true, isListed: false };
  if (isListed && !work) return false;
  if (days === undefined || days.includes(weekdayOf(date))) return true;
  return isListed && WORKDAYS.every((day) => days.includes(day));
}

const WORKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5];

const weekdayOf = (date: string): Weekday => (new Date(`${date}T00:00:00Z`).getUTCDay() || 7) as Weekday;

/** The hours without corrections, `hh:mm`. They may include midnight. If both are equal, there are none. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** Returns the quiet hours that contain an instant (epoch ms), on the clock of a zone. Undefined: it is not quiet. */
export function quietPeriodAt(
  instant: number,
  quiet: QuietHours | undefined,
  zone: string,
): Period | undefined {
  if (quiet === undefined || quiet.from === quiet.to) return undefined;
  const today = localDay(instant, zone);
  return [addDays(today, -1), today]
    .map((day) => ({
      from: wallTimeInstant(day, quiet.from, zone),
      to: wallTimeInstant(quiet.from < quiet.to ? day : addDays(day, 1), quiet.to, zone),
    }))
    .find(({ from, to }) => from <= instant && instant < to);
}
