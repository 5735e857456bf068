import { distance } from 'fastest-levenshtein';
import { allPlaces } from './catalogue.ts';
import { LEVELS, type Place } from './place.ts';
import { foldLatin, queryWords, withoutKind } from './query-text.ts';
import { searchPlaces } from './search-places.ts';

/**
 * Returns at most `limit` places that a mistyped adcode or name probably means, the most likely first; none if no place
 * is similar.
 */
export function similarPlaces(text: string, limit: number): readonly Place[] {
  const word = queryWords(text).join('');
  if (word === '') return [];
  const { places } = searchPlaces({ q: text, limit });
  if (places.length > 0) return places;
  const distanceTo = /^\d+$/.test(word) ? adcodeDistance(word) : nameDistance(word);
  return allPlaces()
    .map((place) => ({ place, far: distanceTo(place) }))
    .filter(({ far }) => far !== undefined)
    .sort((a, b) => (a.far ?? 0) - (b.far ?? 0) || levelOf(a.place) - levelOf(b.place))
    .slice(0, limit)
    .map(({ place }) => place);
}

function levelOf(place: Place): number {
  return LEVELS.indexOf(place.level);
}

/**
 * Places in the prefecture of the code come before the other places in its province. In each of the two groups, the
 * nearest code comes first.
 */
function adcodeDistance(digits: string) {
  const code = digits.slice(0, 6).padEnd(6, '0');
  return ({ adcode }: Place): number | undefined => {
    if (adcode.slice(0, 2) !== code.slice(0, 2)) return undefined;
    const distance = Math.abs(Number(adcode) - Number(code));
    return adcode.slice(0, 4) === code.slice(0, 4) ? distance : distance + 10_000;
  };
}

/** Compares letters with the usual pinyin, and other texts with the name. At most a third of `word` may be wrong. */
function nameDistance(word: string) {
  const isLatin = /^[a-z]+$/.test(word);
  const typed = isLatin ? word : withoutKind(word);
  const maxDistance = Math.max(1, Math.floor([...typed].length / 3));
  return ({ name, pinyin }: Place): number | undefined => {
    const known = isLatin ? foldLatin(pinyin.replaceAll(' ', '')) : withoutKind(name);
    if (Math.abs(known.length - typed.length) > maxDistance) return undefined;
    const edits = distance(typed, known);
    return edits <= maxDistance ? edits : undefined;
  };
}
