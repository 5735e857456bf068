import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { integerBetween, text, valueSchema } from '../../runtime/schema.ts';
import { FaultInjector } from '../faults/fault-injector.ts';
import { delayFields, errorFields, faultSettings, ruleSchema } from '../faults/rule-schema.ts';
import { operationNames } from './dispatch.ts';
import { OssError } from './oss-error.ts';

/** Absent fields match everything. A prefix matches only requests with a key. */
const scope = {
  operations: v.exactOptional(
    valueSchema(v.array(v.picklist(operationNames)), `a list of ${operationNames.join(', ')}`),
  ),
  bucket: v.exactOptional(text('the name of a bucket')),
  prefix: v.exactOptional(text('the beginning of keys')),
};

/** The faults that the OSS stand-in supports: errors, delays, lost requests, and answers with a truncated body. */
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

/** Thrown for a lost request: the server does not carry it out, and closes the connection without an answer. */
export class RequestLost extends Error {
  override readonly name = 'RequestLost';
}

/** Decides which faults happen to a request. */
export class OssFaultInjector extends FaultInjector<Settings> {
  constructor() {
    super({ rules: [], seed: 1 });
  }

  /**
   * Applies the faults before a request is carried out: delays the request, or throws `OssError` or `RequestLost`. If
   * the answer is to be truncated, returns how many bytes of its body are sent.
   */
  async applyFaults({ operation, bucket, key }: FaultTarget): Promise<number | undefined> {
    const concerns = (rule: Settings['rules'][number]): boolean =>
      (rule.operations?.includes(operation) ?? true) &&
      (rule.bucket ?? bucket) === bucket &&
      (rule.prefix === undefined || (key !== '' && key.startsWith(rule.prefix)));
    for (const rule of this.takeMatching(concerns)) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'truncate') return rule.bytes;
      else if (rule.do === 'lose') throw new RequestLost('an injected fault');
      else {
        const { code, status, message } = rule;
        throw Object.assign(new OssError('InternalError', message), { code, status });
      }
    }
    return undefined;
  }
}
