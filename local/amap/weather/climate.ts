import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { randomOf } from './seeded-choice.ts';

/** The typical weather of a day at a place. */
export interface Climate {
  /** Mean temperature of the day, in degrees Celsius. */
  readonly mean: number;
  /** Degrees of latitude. */
  readonly latitude: number;
  /** 1 to 12. */
  readonly month: number;
}

const DAYS_PER_YEAR = 365.25;
/** Day of the year: the coldest days are around January 20th. */
const COLDEST_DAY_OF_YEAR = 20;

/** Returns the climate of a place on a day, counted from 1970-01-01, by latitude, season and altitude. */
export function climateOf(adcode: string, day: number): Climate {
  const latitude = latitudeOf(adcode);
  const coldest = 20 - 1.35 * (latitude - 20);
  const hottest = 29 - 0.15 * (latitude - 20);
  const season = Math.cos((2 * Math.PI * (day - COLDEST_DAY_OF_YEAR)) / DAYS_PER_YEAR);
  const plateau = /^(54|63)/.test(adcode) ? 9 : 0;
  const mean = (hottest + coldest) / 2 - ((hottest - coldest) / 2) * season - plateau;
  return { mean, latitude, month: new Date(day * 86_400_000).getUTCMonth() + 1 };
}

/** Returns the latitude of the place, or a value near the latitude of its parent. */
function latitudeOf(adcode: string): number {
  const place = placeOf(adcode);
  if (place === undefined) return 35;
  if (place.latitude !== undefined) return place.latitude;
  return latitudeOf(place.parent ?? '') + randomOf(adcode)() - 0.5;
}
