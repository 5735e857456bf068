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

/**
 * Decides which faults happen. Checks the rules in order. The choice is random, but the same seed gives the same
 * choice.
 */
export class FaultInjector<S extends FaultSettings> {
  #settings: S;
  #remaining: readonly { readonly rule: S['rules'][number]; left: number }[] = [];
  #random = seededRandom(1);

  constructor(noFaults: S) {
    this.#settings = noFaults;
  }

  /** Replaces the settings. */
  set(settings: S): void {
    this.#settings = settings;
    this.#remaining = settings.rules.map((rule) => ({ rule, left: rule.count ?? Number.POSITIVE_INFINITY }));
    this.#random = seededRandom(settings.seed);
  }

  /** Returns the settings. Each rule with a `count` also shows how often its fault can still happen. */
  show(): object {
    const rules = this.#remaining.map(({ rule, left }) => ({
      ...rule,
      ...(rule.count === undefined ? {} : { left }),
    }));
    return { ...this.#settings, rules };
  }

  /** Yields the rules whose fault happens now, among those for which `concerns` is true. Counts each yielded rule. */
  *takeMatching(concerns: (rule: S['rules'][number]) => boolean): Generator<S['rules'][number]> {
    for (const entry of this.#remaining) {
      if (entry.left <= 0 || !concerns(entry.rule)) continue;
      const { rate } = entry.rule;
      if (rate < 1 && this.#random() >= rate) continue;
      entry.left--;
      yield entry.rule;
    }
  }
}
