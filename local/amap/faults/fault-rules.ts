import { CountedRules } from '../../faults/counted-rules.ts';
import type { FaultRule, FaultSettings } from './read-faults.ts';

/** No fault, no limit. */
export const NO_FAULTS: FaultSettings = { rules: [], seed: 1 };

/** The faults that were wished for, and when they happen. */
export class FaultRules {
  #settings = NO_FAULTS;
  readonly #rules = new CountedRules<FaultRule>();

  /** Puts settings in the place of those that are there. */
  set(settings: FaultSettings): void {
    this.#settings = settings;
    this.#rules.set(settings.rules, settings.seed);
  }

  /** The settings as they were set, each rule with how often it can still happen, where that has an end. */
  show(): object {
    return { ...this.#settings, rules: this.#rules.show() };
  }

  /** What befalls a call for a city, in order: waits, and at most one other fault, the last. */
  befalling(adcode: string): FaultRule[] {
    const found: FaultRule[] = [];
    for (const rule of this.#rules.happening(({ adcodes }) => adcodes?.includes(adcode) ?? true)) {
      found.push(rule);
      if (rule.do !== 'delay') break;
    }
    return found;
  }
}
