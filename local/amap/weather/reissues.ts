import { randomOf } from './seeded-choice.ts';

/** What was changed outside of the daily issues, on demand. */
export interface Reissue {
  readonly at: number;
  readonly adcodes: readonly string[];
  /** Counted from 1970-01-01. */
  readonly days: readonly number[];
}

/** Forecasts changed on demand; forgotten when the process ends. */
export class Reissues {
  /** By adcode and day. */
  readonly #changes = new Map<string, number>();
  readonly #newest = new Map<string, number>();
  #count = 0;

  /** Changes each of the days of each of the cities. */
  add({ at, adcodes, days }: Reissue): void {
    this.#count++;
    for (const adcode of adcodes) {
      this.#newest.set(adcode, at);
      for (const day of days) this.#changes.set(`${adcode} ${day}`, this.changes(adcode, day) + 1);
    }
  }

  /** That share of the cities, rounded to whole ones, and others each time. */
  choose(adcodes: readonly string[], share: number): string[] {
    const drawn = adcodes.map((adcode) => ({ adcode, lot: randomOf('reissue', this.#count, adcode)() }));
    const count = Math.round(adcodes.length * share);
    return drawn
      .sort((one, other) => one.lot - other.lot)
      .slice(0, count)
      .map(({ adcode }) => adcode)
      .sort();
  }

  changes(adcode: string, day: number): number {
    return this.#changes.get(`${adcode} ${day}`) ?? 0;
  }

  /** When a city's forecast was last changed so, in epoch ms. */
  lastReissueAt(adcode: string): number {
    return this.#newest.get(adcode) ?? Number.NEGATIVE_INFINITY;
  }
}
