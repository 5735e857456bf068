import { seededRandom } from '../../tablestore/faults/seeded-random.ts';
import type { FaultRule, FaultSettings } from './read-faults.ts';

interface Counted {
  readonly rule: FaultRule;
  left: number;
}

/** No fault, no limit. */
export const NO_FAULTS: FaultSettings = { rules: [], seed: 1 };

/** The faults that were wished for, and when they happen: by chance, but the same chance with the same seed. */
export class FaultRules {
  #settings = NO_FAULTS;
  #counted: Counted[] = [];
  #random = seededRandom(1);

  /** Puts settings in the place of those that are there. */
  set(settings: FaultSettings): void {
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

  /** What befalls a call for a city, in order: waits, and at most one other fault, the last. */
  befalling(adcode: string): FaultRule[] {
    const found: FaultRule[] = [];
    for (const counted of this.#counted) {
      if (!this.#happens(counted, adcode)) continue;
      found.push(counted.rule);
      if (counted.rule.do !== 'delay') break;
    }
    return found;
  }

  #happens(counted: Counted, adcode: string): boolean {
    const { adcodes, rate } = counted.rule;
    if (counted.left <= 0 || (adcodes !== undefined && !adcodes.includes(adcode))) return false;
    if (rate < 1 && this.#random() >= rate) return false;
    counted.left--;
    return true;
  }
}
