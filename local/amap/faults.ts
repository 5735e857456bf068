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

/** Faults that send a malformed or wrong answer. */
const RESPONSE_FAULTS = [
  ...(['html', 'half json', 'cut', 'array', 'number', 'huge', 'gzip'] as const),
  ...(['empty', 'bad cast', 'wrong adcode'] as const),
];
export type ResponseFault = (typeof RESPONSE_FAULTS)[number];

const MAX_COUNT = 2 ** 31;
const adcodes = valueSchema(v.array(v.string()), 'a list of adcodes');

/** If `adcodes` is absent, the rule applies to every city. */
const scope = { adcodes: v.exactOptional(adcodes) };

/** The faults that AMap's stand-in supports: error answers, HTTP statuses, delays, no or faulty answers, limits. */
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
    /** The stand-in answers at most this many calls in any second. Further calls get 10021. Absent: no limit. */
    qps: v.exactOptional(integerBetween(1, MAX_COUNT)),
    /** The stand-in answers at most this many calls per day in Beijing. Further calls get 10003. Absent: no limit. */
    daily: v.exactOptional(integerBetween(0, MAX_COUNT)),
    /**
     * The share of the cities whose forecast changes at each of 8, 11 and 18 o'clock, starting with the next of these
     * times. Absent: the default.
     */
    change: v.exactOptional(numberBetween(0, 1)),
  },
);

export type AmapFaultSettings = v.InferOutput<typeof amapFaultSettings>;
export type FaultRule = AmapFaultSettings['rules'][number];

/** Returns the faults of a call for a city, in order: any delays, then at most one other fault. */
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

/** Which forecasts to change: a share of all cities, or the named cities. Days count from today. */
export const reissueRequest = v.pipe(
  fields({
    share: v.exactOptional(numberBetween(0, 1)),
    adcodes: v.exactOptional(
      v.pipe(
        adcodes,
        v.rawCheck(({ dataset, addIssue }) => {
          const unknown = dataset.typed && dataset.value.find((adcode) => placeOf(adcode) === undefined);
          if (unknown) reportWith(addIssue)([], `has "${unknown}", which is not a valid adcode`);
        }),
        v.transform(sortedUnique),
      ),
    ),
    days: v.optional(
      v.pipe(
        valueSchema(v.array(v.picklist(ALL_DAYS)), 'a list of days from 0 (today) to 3'),
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
          : 'is not allowed together with adcodes: set only one of them',
    ),
    ['share'],
  ),
);
