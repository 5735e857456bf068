import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { OtsError } from '../../../ots/errors.ts';
import { leaf } from '../../../runtime/schema.ts';
import { Faults } from '../../faults/faults.ts';
import { failure, faultSettings, rule, wait } from '../../faults/rule-schema.ts';

/** Paths; absent: every operation. Those of the data plane may be named without their slash. */
const scope = {
  operations: v.exactOptional(
    v.pipe(
      leaf(v.array(v.string()), 'a list of operations'),
      v.transform((names) => names.map((name) => (name.startsWith('/') ? name : `/${name}`))),
    ),
  ),
};

/** Answered errors, the failure of single rows of batches, waits, lost requests, and halves of answers. */
export const tablestoreFaults = faultSettings(
  [
    rule(['error', 'row error'], scope, failure('OTSServerBusy')),
    rule(['delay'], scope, wait),
    rule(['lose', 'truncate'], scope, {}),
  ],
  {},
);

type Settings = v.InferOutput<typeof tablestoreFaults>;
type FaultRule = Settings['rules'][number];

/** The faults that were wished for, and when they happen. */
export class FaultRules extends Faults<Settings> {
  constructor() {
    super({ rules: [], seed: 1 });
  }

  /** What befalls a request before it is carried out: waits, throws, or says what else is to be done to it. */
  async before(path: string): Promise<'lose' | 'truncate' | undefined> {
    for (const rule of this.happening((each) => each.do !== 'row error' && isOf(each, path))) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'error') throw errorOf(rule);
      else if (rule.do !== 'row error') return rule.do;
    }
    return undefined;
  }

  /** The failure of one row of a batch, where one was wished for. */
  rowFault(path: string): OtsError | undefined {
    for (const rule of this.happening((each) => each.do === 'row error' && isOf(each, path)))
      if (rule.do === 'row error') return errorOf(rule);
    return undefined;
  }
}

const isOf = ({ operations }: FaultRule, path: string): boolean => operations?.includes(path) ?? true;

const errorOf = ({ code, message, status }: Extract<FaultRule, { code: string }>): OtsError =>
  new OtsError(code, message, { status });
