import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { BadFaults, field, fieldsOf, numberIn, refuseOthers } from '../../faults/json-fields.ts';
import { textsIn } from './read-faults.ts';

/** Which forecasts are to change: of a share of all cities, or of those named; on days counted from today. */
export interface WishedReissue {
  readonly cities: { readonly share: number } | { readonly adcodes: readonly string[] };
  readonly days: readonly number[];
}

const ALL_DAYS = [0, 1, 2, 3];

/** Reads `{share}` or `{adcodes}`, and `days`; throws BadFaults with one sentence. */
export function readReissue(value: unknown): WishedReissue {
  const fields = fieldsOf(value, 'the body');
  refuseOthers(fields, ['share', 'adcodes', 'days'], 'the body');
  const days = field(fields, 'days', 'an array of days from 0, today, to 3', daysIn, ALL_DAYS);
  const adcodes = field(fields, 'adcodes', 'an array of adcodes', textsIn, undefined);
  if (adcodes === undefined)
    return { cities: { share: numberIn(fields, 'share', { from: 0, to: 1 }) }, days };
  if (fields.share !== undefined) throw new BadFaults('share is there beside adcodes: one of them is enough');
  const unknown = adcodes.find((adcode) => placeOf(adcode) === undefined);
  if (unknown !== undefined) throw new BadFaults(`adcodes has "${unknown}", which is no valid adcode`);
  return { cities: { adcodes: [...new Set(adcodes)].sort() }, days };
}

const daysIn = (value: unknown): number[] | undefined =>
  Array.isArray(value) && value.every((day) => ALL_DAYS.includes(day))
    ? [...new Set<number>(value)].sort()
    : undefined;
