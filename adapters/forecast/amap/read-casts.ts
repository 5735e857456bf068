import { instantOf } from '../../../domain/time-stamp.ts';
import type { Cast } from '../../../domain/weather/forecast.ts';
import { amapText } from './text.ts';

/** The days of a forecast of AMap, in order; what cannot be read of a day is '', a day without a date is left out. */
export function readAmapCasts(value: unknown): Cast[] {
  const casts = new Map<string, Cast>();
  for (const each of Array.isArray(value) ? value : []) {
    const cast = readCast(each);
    if (cast !== undefined && !casts.has(cast.date)) casts.set(cast.date, cast);
  }
  return [...casts.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
}

function readCast(value: unknown): Cast | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const date = amapText(fields.date);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || instantOf(`${date}T00:00:00Z`) === undefined) return undefined;
  const told = {
    dayweather: amapText(fields.dayweather),
    nightweather: amapText(fields.nightweather),
    daytemp: amapText(fields.daytemp),
    nighttemp: amapText(fields.nighttemp),
    daywind: amapText(fields.daywind),
    nightwind: amapText(fields.nightwind),
    daypower: amapText(fields.daypower),
    nightpower: amapText(fields.nightpower),
  };
  // A day of which nothing is said would take the place of one of which something was.
  if (Object.values(told).every((text) => text === '')) return undefined;
  return { date, week: amapText(fields.week), ...told };
}
