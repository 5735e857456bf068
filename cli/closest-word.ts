import { distance as editDistance } from 'fastest-levenshtein';

/** The word in `words` that is closest to `typed`; undefined if none is close. */
export function closestWord(typed: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((word) => ({ word, distance: word.startsWith(typed) ? 0 : editDistance(typed, word) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length / 2))
    ? best.word
    : undefined;
}
