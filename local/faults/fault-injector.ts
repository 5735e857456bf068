import { seededRandom } from './seeded-random.ts';

/** How often a fault happens. */
interface RuleFrequency {
  /** The probability, from 0 to 1. */
  readonly rate: number;
  /** How often the fault happens at most. Absent: no limit. */
  readonly count?: number;
}

interface FaultSettings {
  readonly rules: readonly RuleFrequency[];
  readonly seed: number;
}

/** Decides which faults happen: in the order of the rules, at random, but reproducible by the seed. */
export class FaultInjector<S extends FaultSettings> {
  #settings: S;
  #counted: readonly { readonly rule: S['rules'][number]; left: number }[] = [];
  #random = seededRandom(1);

  constructor(none: S) {
    this.#settings = none;
  }

  /** Replaces the settings. */
  set(settings: S): void {
    this.#settings = settings;
    this.#counted = settings.rules.map((rule) => ({ rule, left: rule.count ?? Number.POSITIVE_INFINITY }));
    this.#random = seededRandom(settings.seed);
  }

  /** Returns the settings. Each rule with a `count` also shows how often it can still happen. */
  show(): object {
    const rules = this.#counted.map(({ rule, left }) => ({
      ...rule,
      ...(rule.count === undefined ? {} : { left }),
    }));
    return { ...this.#settings, rules };
  }

  /** Yields the rules that happen now, among those for which `concerns` is true. Each yielded rule is counted. */
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
