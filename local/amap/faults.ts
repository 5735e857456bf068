import * as v from 'valibot';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { fields, leaf, number, refusal, reporting, text, whole } from '../../runtime/schema.ts';
import type { Faults } from '../faults/faults.ts';
import { faultSettings, rule, wait } from '../faults/rule-schema.ts';

/** Answers that are not what they should be. */
const SPOILT = [
  ...(['html', 'half json', 'cut', 'array', 'number', 'huge', 'gzip'] as const),
  ...(['empty', 'bad cast', 'wrong adcode'] as const),
];
export type SpoiltFault = (typeof SPOILT)[number];

const MANY = 2 ** 31;
const adcodes = leaf(v.array(v.string()), 'a list of adcodes');

/** Absent: every city. */
const scope = { adcodes: v.exactOptional(adcodes) };

/** All that can be wished for: refusals of AMap's, HTTP statuses, waits, no answers, spoilt ones; and limits. */
export const amapFaults = faultSettings(
  [
    rule(['infocode'], scope, { code: text('an infocode'), info: v.exactOptional(text('a text')) }),
    rule(['http'], scope, {
      status: whole(200, 599),
      retryAfter: v.exactOptional(text('printable ASCII', /^[ -~]*$/)),
    }),
    rule(['delay'], scope, wait),
    rule(['hang', 'stall', 'reset', ...SPOILT], scope, {}),
  ],
  {
    /** Calls that are answered in any second; the others are refused with 10021. Absent: any number. */
    qps: v.exactOptional(whole(1, MANY)),
    /** Calls that are answered on a day of Beijing's; the others are refused with 10003. Absent: any number. */
    daily: v.exactOptional(whole(0, MANY)),
    /** The share of the cities that each issue from the next one on changes; absent: the usual one. */
    change: v.exactOptional(number(0, 1)),
  },
);

export type AmapFaults = v.InferOutput<typeof amapFaults>;
export type FaultRule = AmapFaults['rules'][number];

/** What befalls a call for a city, in order: waits, and at most one other fault, the last. */
export function befalling(faults: Faults<AmapFaults>, adcode: string): FaultRule[] {
  const found: FaultRule[] = [];
  for (const rule of faults.happening(({ adcodes }) => adcodes?.includes(adcode) ?? true)) {
    found.push(rule);
    if (rule.do !== 'delay') break;
  }
  return found;
}

const ALL_DAYS = [0, 1, 2, 3];

const sortedOnce = <T>(items: readonly T[]): T[] => [...new Set(items)].sort();

/** Which forecasts are to change: of a share of all cities, or of those named; on days counted from today. */
export const reissue = v.pipe(
  fields({
    share: v.exactOptional(number(0, 1)),
    adcodes: v.exactOptional(
      v.pipe(
        adcodes,
        v.rawCheck(({ dataset, addIssue }) => {
          const unknown = dataset.typed && dataset.value.find((each) => placeOf(each) === undefined);
          if (unknown) reporting(addIssue)([], `has "${unknown}", which is no valid adcode`);
        }),
        v.transform(sortedOnce),
      ),
    ),
    days: v.optional(
      v.pipe(
        leaf(v.array(v.picklist(ALL_DAYS)), 'a list of days from 0, today, to 3'),
        v.transform(sortedOnce),
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
          ? refusal(undefined, 'a number from 0 to 1')
          : 'is there beside adcodes: one of them is enough',
    ),
    ['share'],
  ),
);
