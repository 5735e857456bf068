import { dayOf, HOUR_MS, instantOn } from '../beijing.ts';
import { chanceOf } from './chance.ts';

/** When AMap has a new forecast, in hours after Beijing's midnight. */
const HOURS = [8, 11, 18];

/** How many of all cities an issue changes, unless it is said otherwise. */
export const USUAL_SHARE = 0.25;

/** The number of the newest issue at an instant; each day has three, and the next one's number is higher by one. */
export function issueAt(at: number): number {
  const day = dayOf(at);
  const ofToday = HOURS.filter((hour) => instantOn(day, hour * HOUR_MS) <= at).length;
  return day * HOURS.length + ofToday - 1;
}

/** When an issue was, in epoch ms. */
export function issueTime(issue: number): number {
  const ofDay = issue % HOURS.length;
  return instantOn((issue - ofDay) / HOURS.length, (HOURS[ofDay] ?? 0) * HOUR_MS);
}

/** Which cities an issue changes: by chance, but always the same ones. */
export class IssueShares {
  readonly #shares: { readonly from: number; readonly share: number }[] = [];

  /** From an issue on, this share of the cities changes with each. */
  setFrom(issue: number, share: number): void {
    this.#shares.push({ from: issue, share });
  }

  /** The share of an issue. */
  of(issue: number): number {
    return this.#shares.findLast(({ from }) => from <= issue)?.share ?? USUAL_SHARE;
  }

  /** How many of the issues that a day was in, up to one, have changed a city's forecast of it. */
  changes(adcode: string, day: number, upTo: number): number {
    let changed = 0;
    for (let issue = (day - 3) * HOURS.length; issue <= upTo; issue++)
      if (chanceOf('issue', issue, adcode)() < this.of(issue)) changed++;
    return changed;
  }
}
