import { dayNumberOf, HOUR_MS, instantOfDay } from '../beijing-days.ts';
import { randomOf } from './seeded-choice.ts';

/** When AMap has a new forecast, in hours after Beijing's midnight. */
const ISSUE_HOURS = [8, 11, 18];

/** How many of all cities an issue changes, unless it is said otherwise. */
export const DEFAULT_CHANGE_SHARE = 0.25;

/** The number of the newest issue at an instant; each day has three, and the next one's number is higher by one. */
export function issueNumberAt(at: number): number {
  const day = dayNumberOf(at);
  const ofToday = ISSUE_HOURS.filter((hour) => instantOfDay(day, hour * HOUR_MS) <= at).length;
  return day * ISSUE_HOURS.length + ofToday - 1;
}

/** When an issue was, in epoch ms. */
export function issueTime(issue: number): number {
  const ofDay = issue % ISSUE_HOURS.length;
  return instantOfDay((issue - ofDay) / ISSUE_HOURS.length, (ISSUE_HOURS[ofDay] ?? 0) * HOUR_MS);
}

/** Which cities an issue changes: by chance, but always the same ones. */
export class ChangeShares {
  readonly #shares: { readonly from: number; readonly share: number }[] = [];

  /** From an issue on, this share of the cities changes with each. */
  setFrom(issue: number, share: number): void {
    this.#shares.push({ from: issue, share });
  }

  /** The share of an issue. */
  shareOf(issue: number): number {
    return this.#shares.findLast(({ from }) => from <= issue)?.share ?? DEFAULT_CHANGE_SHARE;
  }

  /** How many of the issues that a day was in, up to one, have changed a city's forecast of it. */
  countChanges(adcode: string, day: number, upTo: number): number {
    let changed = 0;
    for (let issue = (day - 3) * ISSUE_HOURS.length; issue <= upTo; issue++)
      if (randomOf('issue', issue, adcode)() < this.shareOf(issue)) changed++;
    return changed;
  }
}
