import { placeOf, successorOf } from '../domain/catalogue/catalogue.ts';
import type { Place } from '../domain/catalogue/place.ts';
import { similarPlaces } from '../domain/catalogue/similar-places.ts';
import type { components } from './openapi-types.ts';
import { Problem } from './problem.ts';

type PlaceName = components['schemas']['PlaceName'];

/** A place, and the old code of the request if the code has moved. */
export interface FoundPlace {
  readonly place: Place;
  readonly movedFrom?: string;
}

/** Maximum number of similar places in a "not found" answer. */
const MAX_NEAREST_PLACES = 5;

/** Finds the place with this code, or its successor; undefined for any other text. */
export function findPlace(code: string): FoundPlace | undefined {
  const place = placeOf(code);
  if (place !== undefined) return { place };
  const successor = placeOf(successorOf(code) ?? '');
  return successor === undefined ? undefined : { place: successor, movedFrom: code };
}

/** Finds the place with this code, or its successor. Throws a problem with similar places if there is none. */
export function requirePlace(code: string): FoundPlace {
  const found = findPlace(code);
  if (found !== undefined) return found;
  throw new Problem('city-not-found', `no place has the adcode ${JSON.stringify(code)}`, {
    nearest: nearestPlaceNames(code),
  });
}

/** Places with a similar code or name. */
export const nearestPlaceNames = (code: string): PlaceName[] =>
  similarPlaces(code, MAX_NEAREST_PLACES).map(placeNameOf);

/** The short form of a place in lists. */
export const placeNameOf = ({ adcode, name, path }: Place): PlaceName => ({ adcode, name, path });
