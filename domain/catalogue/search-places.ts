import { InvalidInput } from '../errors.ts';
import { successorOf } from './catalogue.ts';
import { LEVELS, type Level, type Place } from './place.ts';
import { type RankedPlace, rankPlaces } from './rank-places.ts';

/** What to look for. */
export interface PlaceQuery {
  /**
   * Names in 汉字 with or without 市, 县 or 区, pinyin with or without blanks and tones in any reading, initials, the
   * beginning of an adcode, or an old one; several words name the place and what it lies in. '' finds all places.
   */
  readonly q: string;
  /** Only places of this level. */
  readonly level?: Level | undefined;
  /** Only places that lie in this one directly; an old adcode counts as its successor. */
  readonly parent?: string | undefined;
  /** As many at most, 1 or more. */
  readonly limit: number;
  /** A page's `next`, of a search for the same. */
  readonly after?: string | undefined;
}

/** A part of what was found. */
export interface PlacePage {
  readonly places: readonly Place[];
  /** Where the next page begins, to be given as `after`; undefined on the last one. */
  readonly next: string | undefined;
  /** Found on all pages. */
  readonly total: number;
}

/**
 * Places in order: named exactly, by the name's beginning, by its pinyin's, by initials, by what they lie in; within
 * that provinces, prefectures, counties; within that by adcode. Throws InvalidInput for an `after` that no page gave.
 */
export function searchPlaces({ q, level, parent, limit, after }: PlaceQuery): PlacePage {
  const within = parent === undefined ? undefined : (successorOf(parent) ?? parent);
  const found = rankPlaces(q)
    .filter(({ place }) => level === undefined || place.level === level)
    .filter(({ place }) => within === undefined || place.parent === within)
    .map((ranked) => ({ place: ranked.place, order: orderOf(ranked) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const begin = after === undefined ? '' : readPosition(after);
  const rest = found.filter(({ order }) => order > begin);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    places: page.map(({ place }) => place),
    next: last === undefined || page.length === rest.length ? undefined : writePosition(last.order),
    total: found.length,
  };
}

/** Rank, level and adcode as a text that sorts as they do. */
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
  throw new InvalidInput('InvalidPosition', `the position ${shown} is none that a search for places gave`);
}
