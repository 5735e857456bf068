import { randomOf } from './seeded-choice.ts';

/** A change of forecasts on demand, in addition to the daily issues. */
export interface Reissue {
  readonly at: number;
  readonly adcodes: readonly string[];
  /** Days, counted from 1970-01-01. */
  readonly days: readonly number[];
}

/** Records the forecasts that were changed on demand. The process keeps them in memory only. */
export class Reissues {
  /** The number of changes, by adcode and day. */
  readonly #changes = new Map<string, number>();
  /** The time of the last change, by adcode. */
  readonly #newest = new Map<string, number>();
  #reissueCount = 0;

  /** Changes the forecast of each given day for each given city. */
  add({ at, adcodes, days }: Reissue): void {
    this.#reissueCount++;
    for (const adcode of adcodes) {
      this.#newest.set(adcode, at);
      for (const day of days) this.#changes.set(`${adcode} ${day}`, this.changes(adcode, day) + 1);
    }
  }

  /** Chooses a share of the cities, rounded to whole cities. The random choice is different for each reissue. */
  choose(adcodes: readonly string[], share: number): string[] {
    const drawn = adcodes.map((adcode) => ({
      adcode,
      random: randomOf('reissue', this.#reissueCount, adcode)(),
    }));
    const count = Math.round(adcodes.length * share);
    return drawn
      .sort((one, other) => one.random - other.random)
      .slice(0, count)
      .map(({ adcode }) => adcode)
      .sort();
  }

  changes(adcode: string, day: number): number {
    return this.#changes.get(`${adcode} ${day}`) ?? 0;
  }

  /** Returns when a city's forecast was last changed on demand, in epoch ms. */
  lastReissueAt(adcode: string): number {
    return this.#newest.get(adcode) ?? Number.NEGATIVE_INFINITY;
  }
}
