import { seededRandom } from './seeded-random.ts';

/** How often a fault happens. */
interface RuleFrequency {
  /** How likely it is, from 0 to 1. */
  readonly rate: number;
  /** How often at most; absent: without end. */
  readonly count?: number;
}

interface FaultSettings {
  readonly rules: readonly RuleFrequency[];
  readonly seed: number;
}

/** Faults that were wished for, in order: by chance, but the same chance with the same seed. */
export class FaultInjector<S extends FaultSettings> {
  #settings: S;
  #counted: readonly { readonly rule: S['rules'][number]; left: number }[] = [];
  #random = seededRandom(1);

  constructor(none: S) {
    this.#settings = none;
  }

  /** Puts settings in the place of those that are there. */
  set(settings: S): void {
    this.#settings = settings;
    this.#counted = settings.rules.map((rule) => ({ rule, left: rule.count ?? Number.POSITIVE_INFINITY }));
    this.#random = seededRandom(settings.seed);
  }

  /** The settings as they were set, each rule with how often it can still happen, where that has an end. */
  show(): object {
    const rules = this.#counted.map(({ rule, left }) => ({
      ...rule,
      ...(rule.count === undefined ? {} : { left }),
    }));
    return { ...this.#settings, rules };
  }

  /** The rules that happen now, among those that `concerns` says yes to; each is counted as it is taken. */
  *takeMatching(concerns: (rule: S['rules'][number]) => boolean): Generator<S['rules'][number]> {
    for (const counted of this.#counted) {
      if (counted.left <= 0 || !concerns(counted.rule)) continue;
      const { rate } = counted.rule;
      if (rate < 1 && this.#random() >= rate) continue;
      counted.left--;
      yield counted.rule;
    }
  }
}
