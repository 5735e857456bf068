import { dayNumberOf, HOUR_MS, instantOfDay } from '../beijing-days.ts';
import { randomOf } from './seeded-choice.ts';

/**
 * The hours of the day, in Beijing, at which AMap issues new forecasts. In this folder, an "issue" is one of these
 * times on one day.
 */
const ISSUE_HOURS = [8, 11, 18];

/** The default share of the cities that an issue changes. */
export const DEFAULT_CHANGE_SHARE = 0.25;

/** Returns the number of the newest issue at an instant. Issues are numbered consecutively, three per day. */
export function issueNumberAt(at: number): number {
  const day = dayNumberOf(at);
  const issuesToday = ISSUE_HOURS.filter((hour) => instantOfDay(day, hour * HOUR_MS) <= at).length;
  return day * ISSUE_HOURS.length + issuesToday - 1;
}

/** Returns the time of an issue in epoch ms. */
export function issueTime(issue: number): number {
  const indexInDay = issue % ISSUE_HOURS.length;
  return instantOfDay((issue - indexInDay) / ISSUE_HOURS.length, (ISSUE_HOURS[indexInDay] ?? 0) * HOUR_MS);
}

/** The share of the cities that each issue changes. The random choice of these cities is the same in every process. */
export class ChangeShares {
  readonly #shares: { readonly from: number; readonly share: number }[] = [];

  /** Sets the share of the cities that each issue changes, from `issue` on. */
  setFrom(issue: number, share: number): void {
    this.#shares.push({ from: issue, share });
  }

  /** Returns the share of the cities that an issue changes. */
  shareOf(issue: number): number {
    return this.#shares.findLast(({ from }) => from <= issue)?.share ?? DEFAULT_CHANGE_SHARE;
  }

  /** Counts the issues up to `upTo` that have changed the city's forecast of a day. */
  countChanges(adcode: string, day: number, upTo: number): number {
    let changed = 0;
    for (let issue = (day - 3) * ISSUE_HOURS.length; issue <= upTo; issue++)
      if (randomOf('issue', issue, adcode)() < this.shareOf(issue)) changed++;
    return changed;
  }
}
