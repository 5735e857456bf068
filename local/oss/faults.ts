import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { integerBetween, text, valueSchema } from '../../runtime/schema.ts';
import { FaultInjector } from '../faults/fault-injector.ts';
import { delayFields, errorFields, faultSettings, ruleSchema } from '../faults/rule-schema.ts';
import { operationNames } from './dispatch.ts';
import { OssError } from './oss-error.ts';

/** What is absent concerns every operation, every bucket, every key; a prefix only what is about a key. */
const scope = {
  operations: v.exactOptional(
    valueSchema(v.array(v.picklist(operationNames)), `a list of ${operationNames.join(', ')}`),
  ),
  bucket: v.exactOptional(text('the name of a bucket')),
  prefix: v.exactOptional(text('what keys begin with')),
};

/** Answered errors, waits, lost requests, and answers that end after so many bytes of their bodies. */
export const ossFaultSettings = faultSettings(
  [
    ruleSchema(['error'], scope, errorFields('ServiceUnavailable')),
    ruleSchema(['delay'], scope, delayFields),
    ruleSchema(['lose'], scope, {}),
    ruleSchema(['truncate'], scope, { bytes: v.optional(integerBetween(0, 2 ** 40), 0) }),
  ],
  {},
);

type Settings = v.InferOutput<typeof ossFaultSettings>;

interface FaultTarget {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}

/** The connection of a request is closed; it was not carried out. */
export class RequestLost extends Error {
  override readonly name = 'RequestLost';
}

/** The faults that were wished for, and when they happen. */
export class OssFaultInjector extends FaultInjector<Settings> {
  constructor() {
    super({ rules: [], seed: 1 });
  }

  /**
   * What befalls a request before it is carried out: waits, or throws `OssError` or `RequestLost`. Answers how many bytes
   * of the answer's body are to be sent, where it is to be cut.
   */
  async before({ operation, bucket, key }: FaultTarget): Promise<number | undefined> {
    const concerns = (rule: Settings['rules'][number]): boolean =>
      (rule.operations?.includes(operation) ?? true) &&
      (rule.bucket ?? bucket) === bucket &&
      (rule.prefix === undefined || (key !== '' && key.startsWith(rule.prefix)));
    for (const rule of this.takeMatching(concerns)) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'truncate') return rule.bytes;
      else if (rule.do === 'lose') throw new RequestLost('a fault that was wished for');
      else {
        const { code, status, message } = rule;
        throw Object.assign(new OssError('InternalError', message), { code, status });
      }
    }
    return undefined;
  }
}
