import { setTimeout as delay } from 'node:timers/promises';
import { OtsError } from '../../../ots/errors.ts';
import { CountedRules } from '../../faults/counted-rules.ts';
import type { FaultRule, FaultSettings } from './read-faults.ts';

/** The faults that were wished for, and when they happen. */
export class FaultRules {
  #seed = 1;
  readonly #rules = new CountedRules<FaultRule>();

  /** Puts rules in the place of those that are there. */
  set({ rules, seed }: FaultSettings): void {
    this.#seed = seed;
    this.#rules.set(rules, seed);
  }

  /** The rules as they were set, each with how often it can still happen, where that has an end. */
  show(): object {
    return { rules: this.#rules.show(), seed: this.#seed };
  }

  /** What befalls a request before it is carried out: waits, throws, or says what else is to be done to it. */
  async before(path: string): Promise<'lose' | 'truncate' | undefined> {
    for (const rule of this.#rules.happening((each) => each.do !== 'row error' && isOf(each, path))) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'error') throw errorOf(rule);
      else if (rule.do !== 'row error') return rule.do;
    }
    return undefined;
  }

  /** The failure of one row of a batch, where one was wished for. */
  rowFault(path: string): OtsError | undefined {
    for (const rule of this.#rules.happening((each) => each.do === 'row error' && isOf(each, path)))
      if (rule.do === 'row error') return errorOf(rule);
    return undefined;
  }
}

const isOf = ({ operations }: FaultRule, path: string): boolean => operations?.includes(path) ?? true;

const errorOf = ({ code, message, status }: Extract<FaultRule, { code: string }>): OtsError =>
  new OtsError(code, message, { status });
