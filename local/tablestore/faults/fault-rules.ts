import { setTimeout as delay } from 'node:timers/promises';
import { OtsError } from '../../../ots/ots-error.ts';
import type { FaultRule, FaultSettings } from './read-faults.ts';
import { seededRandom } from './seeded-random.ts';

interface Counted {
  readonly rule: FaultRule;
  left: number;
}

/** The faults that were wished for, and when they happen: by chance, but the same chance with the same seed. */
export class FaultRules {
  #settings: FaultSettings = { rules: [], seed: 1 };
  #counted: Counted[] = [];
  #random = seededRandom(1);

  /** Puts rules in the place of those that are there. */
  set(settings: FaultSettings): void {
    this.#settings = settings;
    this.#counted = settings.rules.map((rule) => ({ rule, left: rule.count ?? Number.POSITIVE_INFINITY }));
    this.#random = seededRandom(settings.seed);
  }

  /** The rules as they were set, each with how often it can still happen, where that has an end. */
  show(): object {
    const rules = this.#counted.map(({ rule, left }) => ({
      ...rule,
      ...(rule.count === undefined ? {} : { left }),
    }));
    return { rules, seed: this.#settings.seed };
  }

  /** What befalls a request before it is carried out: waits, throws, or says what else is to be done to it. */
  async before(path: string): Promise<'lose' | 'truncate' | undefined> {
    for (const counted of this.#counted) {
      const { rule } = counted;
      if (rule.do === 'row error' || !this.#happens(counted, path)) continue;
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'error') throw errorOf(rule);
      else return rule.do;
    }
    return undefined;
  }

  /** The failure of one row of a batch, where one was wished for. */
  rowFault(path: string): OtsError | undefined {
    for (const counted of this.#counted)
      if (counted.rule.do === 'row error' && this.#happens(counted, path)) return errorOf(counted.rule);
    return undefined;
  }

  #happens(counted: Counted, path: string): boolean {
    const { operations, rate } = counted.rule;
    if (counted.left <= 0 || (operations !== undefined && !operations.includes(path))) return false;
    if (rate < 1 && this.#random() >= rate) return false;
    counted.left--;
    return true;
  }
}

const errorOf = ({ code, message, status }: Extract<FaultRule, { code: string }>): OtsError =>
  new OtsError(code, message, { status });
