import * as v from 'valibot';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import {
  fields,
  integerBetween,
  notAllowed,
  numberBetween,
  reportWith,
  text,
  valueSchema,
} from '../../runtime/schema.ts';
import type { FaultInjector } from '../faults/fault-injector.ts';
import { delayFields, faultSettings, ruleSchema } from '../faults/rule-schema.ts';

/** Answers that are not what they should be. */
const RESPONSE_FAULTS = [
  ...(['html', 'half json', 'cut', 'array', 'number', 'huge', 'gzip'] as const),
  ...(['empty', 'bad cast', 'wrong adcode'] as const),
];
export type ResponseFault = (typeof RESPONSE_FAULTS)[number];

const MAX_COUNT = 2 ** 31;
const adcodes = valueSchema(v.array(v.string()), 'a list of adcodes');

/** Absent: every city. */
const scope = { adcodes: v.exactOptional(adcodes) };

/** All that can be wished for: refusals of AMap's, HTTP statuses, waits, no answers, spoilt ones; and limits. */
export const amapFaultSettings = faultSettings(
  [
    ruleSchema(['infocode'], scope, { code: text('an infocode'), info: v.exactOptional(text('a text')) }),
    ruleSchema(['http'], scope, {
      status: integerBetween(200, 599),
      retryAfter: v.exactOptional(text('printable ASCII', /^[ -~]*$/)),
    }),
    ruleSchema(['delay'], scope, delayFields),
    ruleSchema(['hang', 'stall', 'reset', ...RESPONSE_FAULTS], scope, {}),
  ],
  {
    /** Calls that are answered in any second; the others are refused with 10021. Absent: any number. */
    qps: v.exactOptional(integerBetween(1, MAX_COUNT)),
    /** Calls that are answered on a day of Beijing's; the others are refused with 10003. Absent: any number. */
    daily: v.exactOptional(integerBetween(0, MAX_COUNT)),
    /** The share of the cities that each issue from the next one on changes; absent: the usual one. */
    change: v.exactOptional(numberBetween(0, 1)),
  },
);

export type AmapFaultSettings = v.InferOutput<typeof amapFaultSettings>;
export type FaultRule = AmapFaultSettings['rules'][number];

/** What befalls a call for a city, in order: waits, and at most one other fault, the last. */
export function faultsOfCall(faults: FaultInjector<AmapFaultSettings>, adcode: string): FaultRule[] {
  const found: FaultRule[] = [];
  for (const rule of faults.takeMatching(({ adcodes }) => adcodes?.includes(adcode) ?? true)) {
    found.push(rule);
    if (rule.do !== 'delay') break;
  }
  return found;
}

const ALL_DAYS = [0, 1, 2, 3];

const sortedUnique = <T>(items: readonly T[]): T[] => [...new Set(items)].sort();

/** Which forecasts are to change: of a share of all cities, or of those named; on days counted from today. */
export const reissueRequest = v.pipe(
  fields({
    share: v.exactOptional(numberBetween(0, 1)),
    adcodes: v.exactOptional(
      v.pipe(
        adcodes,
        v.rawCheck(({ dataset, addIssue }) => {
          const unknown = dataset.typed && dataset.value.find((each) => placeOf(each) === undefined);
          if (unknown) reportWith(addIssue)([], `has "${unknown}", which is no valid adcode`);
        }),
        v.transform(sortedUnique),
      ),
    ),
    days: v.optional(
      v.pipe(
        valueSchema(v.array(v.picklist(ALL_DAYS)), 'a list of days from 0, today, to 3'),
        v.transform(sortedUnique),
      ),
      ALL_DAYS,
    ),
  }),
  v.forward(
    v.partialCheck(
      [['share'], ['adcodes']],
      ({ share, adcodes }) => (share === undefined) !== (adcodes === undefined),
      ({ input }) =>
        input.share === undefined
          ? notAllowed(undefined, 'a number from 0 to 1')
          : 'is there beside adcodes: one of them is enough',
    ),
    ['share'],
  ),
);
