import { placeOf, successorOf } from '../domain/catalogue/catalogue.ts';
import type { Place } from '../domain/catalogue/place.ts';
import { similarPlaces } from '../domain/catalogue/similar-places.ts';
import type { components } from './openapi-types.ts';
import { Problem } from './problem.ts';

type PlaceName = components['schemas']['PlaceName'];

/** A place, and the old code by which it was asked for. */
export interface FoundPlace {
  readonly place: Place;
  readonly movedFrom?: string;
}

/** How many places are named in place of one that there is not. */
const MAX_NEAREST_PLACES = 5;

/** The place that a code names or has moved to; undefined for every other text. */
export function findPlace(code: string): FoundPlace | undefined {
  const place = placeOf(code);
  if (place !== undefined) return { place };
  const successor = placeOf(successorOf(code) ?? '');
  return successor === undefined ? undefined : { place: successor, movedFrom: code };
}

/** The place that a code names or has moved to; throws the problem that tells the nearest ones. */
export function requirePlace(code: string): FoundPlace {
  const found = findPlace(code);
  if (found !== undefined) return found;
  throw new Problem('city-not-found', `no place has the adcode ${JSON.stringify(code)}`, {
    nearest: nearestPlaceNames(code),
  });
}

/** Places that were perhaps meant. */
export const nearestPlaceNames = (code: string): PlaceName[] =>
  similarPlaces(code, MAX_NEAREST_PLACES).map(placeNameOf);

/** A place as it is named beside others. */
export const placeNameOf = ({ adcode, name, path }: Place): PlaceName => ({ adcode, name, path });
