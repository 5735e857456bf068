import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { randomOf } from './seeded-choice.ts';

/** What a day is usually like at a place. */
export interface Climate {
  /** Of the whole day, in degrees Celsius. */
  readonly mean: number;
  /** Degrees of latitude. */
  readonly latitude: number;
  /** 1 to 12. */
  readonly month: number;
}

const YEAR = 365.25;
/** The coldest days are around January 20th. */
const COLDEST = 20;

/** The climate of a place on a day, counted from 1970-01-01, by its latitude, the season and whether it is high up. */
export function climateOf(adcode: string, day: number): Climate {
  const latitude = latitudeOf(adcode);
  const coldest = 20 - 1.35 * (latitude - 20);
  const hottest = 29 - 0.15 * (latitude - 20);
  const season = Math.cos((2 * Math.PI * (day - COLDEST)) / YEAR);
  const plateau = /^(54|63)/.test(adcode) ? 9 : 0;
  const mean = (hottest + coldest) / 2 - ((hottest - coldest) / 2) * season - plateau;
  return { mean, latitude, month: new Date(day * 86_400_000).getUTCMonth() + 1 };
}

/** Its own, or that of what it lies in and a little beside it. */
function latitudeOf(adcode: string): number {
  const place = placeOf(adcode);
  if (place === undefined) return 35;
  if (place.latitude !== undefined) return place.latitude;
  return latitudeOf(place.parent ?? '') + randomOf(adcode)() - 0.5;
}
