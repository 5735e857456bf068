import { type Entry, entriesAll, successorOf } from './catalogue.ts';
import { ownRank, RANK, readSaid, restsAfter, type Said } from './match-place.ts';
import type { Place } from './place.ts';
import { queryWords } from './query-text.ts';

/** A place that a query finds. */
export interface Ranked {
  readonly place: Place;
  /** Of RANK. */
  readonly rank: number;
}

/** What a place hands down to those that lie in it. */
interface Found {
  /** What of the query is left after the names of the path so far. */
  readonly rests: readonly Said[];
  /** Of each word, whether it names something on the path so far. */
  readonly words: readonly boolean[];
  /** The whole query names something on the path so far. */
  readonly whole: boolean;
}

/** More words than these name no places one by one, only together. */
const MOST_WORDS = 6;

/** Every place that a query names, itself or by what it lies in, in order of adcode; all of them for an empty one. */
export function rankPlaces(query: string): Ranked[] {
  const pieces = queryWords(query);
  const typed = pieces.join('');
  const distinct = [...new Set(pieces)];
  // A name may be written with a blank between all syllables; so many are no names of their own.
  const words = pieces.length > 1 && distinct.length <= MOST_WORDS ? distinct.map(readSaid) : [];
  const text = readSaid(successorOf(typed) ?? typed);
  const nothing: Found = { rests: [], words: words.map(() => false), whole: text.text === '' };
  const found = new Map<Entry, Found>();
  const ranked: Ranked[] = [];
  for (const entry of entriesAll()) {
    const above = (entry.parent && found.get(entry.parent)) ?? nothing;
    const { rank, words: named } = rankOf(entry, text, words, above);
    if (rank !== undefined) ranked.push({ place: entry.place, rank });
    if (entry.place.level === 'county') continue;
    const rests = [text, ...above.rests].flatMap((rest) => restsAfter(rest.text, entry.names));
    found.set(entry, {
      rests: [...above.rests, ...newIn(above.rests, rests)],
      words: named,
      whole: rank !== undefined,
    });
  }
  return ranked;
}

/** Those of the texts that are not known yet, each once. */
const newIn = (known: readonly Said[], texts: readonly string[]): Said[] =>
  [...new Set(texts)].filter((text) => known.every((rest) => rest.text !== text)).map(readSaid);

function rankOf({ names }: Entry, text: Said, words: readonly Said[], above: Found) {
  const ranks = [text, ...above.rests].map((rest) => ownRank(rest, names));
  if (above.whole) ranks.push(RANK.path);
  if (words.length === 0) return { rank: best(ranks), words: above.words };
  // Words may come in any order, as long as each names something on the path and one of them the place itself; but
  // `shan xian` is 单县 in the first place, not 西安 in 陕西.
  const own = words.map((word) => ownRank(word, names));
  const named = own.map((rank, at) => rank !== undefined || above.words[at] === true);
  if (named.every(Boolean))
    for (const rank of own) if (rank !== undefined) ranks.push(Math.max(rank, RANK.namePrefix));
  return { rank: best(ranks), words: named };
}

function best(ranks: readonly (number | undefined)[]): number | undefined {
  let least: number | undefined;
  for (const rank of ranks) if (rank !== undefined && (least === undefined || rank < least)) least = rank;
  return least;
}
