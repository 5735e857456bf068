import { seededRandom } from './seeded-random.ts';

/** How often a fault happens. */
export interface Often {
  /** How likely it is, from 0 to 1. */
  readonly rate: number;
  /** How often at most; absent: without end. */
  readonly count?: number;
}

interface Counted<R> {
  readonly rule: R;
  left: number;
}

/** Faults that were wished for, in order: by chance, but the same chance with the same seed. */
export class CountedRules<R extends Often> {
  #counted: readonly Counted<R>[] = [];
  #random = seededRandom(1);

  /** Puts rules in the place of those that are there. */
  set(rules: readonly R[], seed: number): void {
    this.#counted = rules.map((rule) => ({ rule, left: rule.count ?? Number.POSITIVE_INFINITY }));
    this.#random = seededRandom(seed);
  }

  /** The rules as they were set, each with how often it can still happen, where that has an end. */
  show(): object[] {
    return this.#counted.map(({ rule, left }) => ({
      ...rule,
      ...(rule.count === undefined ? {} : { left }),
    }));
  }

  /** The rules that happen now, among those that `concerns` says yes to; each is counted as it is taken. */
  *happening(concerns: (rule: R) => boolean): Generator<R> {
    for (const counted of this.#counted) {
      if (counted.left <= 0 || !concerns(counted.rule)) continue;
      const { rate } = counted.rule;
      if (rate < 1 && this.#random() >= rate) continue;
      counted.left--;
      yield counted.rule;
    }
  }
}
