import { allCatalogueEntries, type CatalogueEntry, successorOf } from './catalogue.ts';
import { parseQueryTerm, type QueryTerm, RANK, rankByName, remaindersAfterName } from './match-place.ts';
import type { Place } from './place.ts';
import { queryWords } from './query-text.ts';

/** A place that a query finds. */
export interface RankedPlace {
  readonly place: Place;
  /** Of RANK. */
  readonly rank: number;
}

/** What a place hands down to those that lie in it. */
interface AncestorMatch {
  /** What of the query is left after the names of the path so far. */
  readonly remainders: readonly QueryTerm[];
  /** Of each word, whether it names something on the path so far. */
  readonly words: readonly boolean[];
  /** The whole query names something on the path so far. */
  readonly whole: boolean;
}

/** More words than these name no places one by one, only together. */
const MAX_WORDS = 6;

/** Every place that a query names, itself or by what it lies in, in order of adcode; all of them for an empty one. */
export function rankPlaces(query: string): RankedPlace[] {
  const pieces = queryWords(query);
  const typed = pieces.join('');
  const distinct = [...new Set(pieces)];
  // A name may be written with a blank between all syllables; so many are no names of their own.
  const words = pieces.length > 1 && distinct.length <= MAX_WORDS ? distinct.map(parseQueryTerm) : [];
  const text = parseQueryTerm(successorOf(typed) ?? typed);
  const nothing: AncestorMatch = { remainders: [], words: words.map(() => false), whole: text.text === '' };
  const found = new Map<CatalogueEntry, AncestorMatch>();
  const ranked: RankedPlace[] = [];
  for (const entry of allCatalogueEntries()) {
    const above = (entry.parent && found.get(entry.parent)) ?? nothing;
    const { rank, words: named } = rankOf(entry, text, words, above);
    if (rank !== undefined) ranked.push({ place: entry.place, rank });
    if (entry.place.level === 'county') continue;
    const rests = [text, ...above.remainders].flatMap((rest) => remaindersAfterName(rest.text, entry.names));
    found.set(entry, {
      remainders: [...above.remainders, ...newTerms(above.remainders, rests)],
      words: named,
      whole: rank !== undefined,
    });
  }
  return ranked;
}

/** Those of the texts that are not known yet, each once. */
const newTerms = (known: readonly QueryTerm[], texts: readonly string[]): QueryTerm[] =>
  [...new Set(texts)].filter((text) => known.every((rest) => rest.text !== text)).map(parseQueryTerm);

function rankOf(
  { names }: CatalogueEntry,
  text: QueryTerm,
  words: readonly QueryTerm[],
  above: AncestorMatch,
) {
  const ranks = [text, ...above.remainders].map((rest) => rankByName(rest, names));
  if (above.whole) ranks.push(RANK.path);
  if (words.length === 0) return { rank: bestRank(ranks), words: above.words };
  // Words may come in any order, as long as each names something on the path and one of them the place itself; but
  // `shan xian` is 单县 in the first place, not 西安 in 陕西.
  const own = words.map((word) => rankByName(word, names));
  const named = own.map((rank, at) => rank !== undefined || above.words[at] === true);
  if (named.every(Boolean))
    for (const rank of own) if (rank !== undefined) ranks.push(Math.max(rank, RANK.namePrefix));
  return { rank: bestRank(ranks), words: named };
}

function bestRank(ranks: readonly (number | undefined)[]): number | undefined {
  let least: number | undefined;
  for (const rank of ranks) if (rank !== undefined && (least === undefined || rank < least)) least = rank;
  return least;
}
