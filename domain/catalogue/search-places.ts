import { InvalidInput } from '../errors.ts';
import { successorOf } from './catalogue.ts';
import { LEVELS, type Level, type Place } from './place.ts';
import { type RankedPlace, rankPlaces } from './rank-places.ts';

/** A search for places. */
export interface PlaceQuery {
  /**
   * One of these: names in Chinese, with or without 市, 县 or 区; pinyin in any reading, with or without blanks and
   * tones; initials; the start of an adcode; an old adcode. Several words name the place and places that contain it.
   * '' finds all places.
   */
  readonly q: string;
  /** Only places of this level. */
  readonly level?: Level | undefined;
  /** Only places directly inside the place with this adcode. An old adcode counts as its successor. */
  readonly parent?: string | undefined;
  /** The maximum number of places on the page, 1 or more. */
  readonly limit: number;
  /** The `next` of the previous page of the same search. */
  readonly after?: string | undefined;
}

/** A page of results. */
export interface PlacePage {
  readonly places: readonly Place[];
  /** Where the next page starts, to be passed as `after`; undefined on the last page. */
  readonly next: string | undefined;
  /** The number of results on all pages. */
  readonly total: number;
}

/**
 * Searches places. Sorts them by match (exact names, start of the name, start of the pinyin, initials, places inside
 * a match), then by level (provinces, prefectures, counties), then by adcode. Throws InvalidInput if `after` cannot
 * be the `next` of a page.
 */
export function searchPlaces({ q, level, parent, limit, after }: PlaceQuery): PlacePage {
  const within = parent === undefined ? undefined : (successorOf(parent) ?? parent);
  const found = rankPlaces(q)
    .filter(({ place }) => level === undefined || place.level === level)
    .filter(({ place }) => within === undefined || place.parent === within)
    .map((ranked) => ({ place: ranked.place, order: orderOf(ranked) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const afterOrder = after === undefined ? '' : readPosition(after);
  const remaining = found.filter(({ order }) => order > afterOrder);
  const page = remaining.slice(0, limit);
  const last = page.at(-1);
  return {
    places: page.map(({ place }) => place),
    next: last === undefined || page.length === remaining.length ? undefined : writePosition(last.order),
    total: found.length,
  };
}

/** Returns rank, level and adcode as a text that sorts in the same order. */
function orderOf({ place, rank }: RankedPlace): string {
  return `${rank}${LEVELS.indexOf(place.level)}${place.adcode}`;
}

function writePosition(order: string): string {
  return Buffer.from(order, 'latin1').toString('base64url');
}

function readPosition(position: string): string {
  const order = Buffer.from(position, 'base64url').toString('latin1');
  if (/^\d{8}$/.test(order) && writePosition(order) === position) return order;
  const shown = JSON.stringify(position.slice(0, 100));
  throw new InvalidInput(
    'InvalidPosition',
    `the position ${shown} is not one that a search for places returned`,
  );
}
