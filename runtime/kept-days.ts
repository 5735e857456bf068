import * as v from 'valibot';
import { integerText, type Setting, setting } from './config.ts';

/** Tablestore stores the time to live in seconds, as an integer of 32 bits. */
const MAX_DAYS = Math.floor((2 ** 31 - 1) / 86_400);

type KeptDays = number | 'forever';

const keptDays = (variable: string): Setting<KeptDays | undefined> =>
  setting<KeptDays>(
    variable,
    `a number of days from 1 to ${MAX_DAYS}, or forever`,
    v.union([v.literal('forever'), integerText(1, MAX_DAYS)]),
  );

/** The settings of a process that creates tables: how long they keep their rows. */
export const keptDaysSettings = {
  weatherKeptDays: keptDays('SLUICE_WEATHER_KEPT_DAYS'),
  deliveriesKeptDays: keptDays('SLUICE_DELIVERIES_KEPT_DAYS'),
};
