import { allCatalogueEntries, type CatalogueEntry, successorOf } from './catalogue.ts';
import { parseQueryTerm, type QueryTerm, RANK, rankByName, remaindersAfterName } from './match-place.ts';
import type { Place } from './place.ts';
import { queryWords } from './query-text.ts';

/** A place that matches a query. */
export interface RankedPlace {
  readonly place: Place;
  /** One of RANK. */
  readonly rank: number;
}

/** How a query matches a place. Places inside this place inherit the match. */
interface AncestorMatch {
  /**
   * The query may begin with names on the path from the province to this place. This is the rest of the query after
   * these names, such as `乐清` of `浙江乐清` for 浙江. Several names can fit, so there can be several rests.
   */
  readonly remainders: readonly QueryTerm[];
  /** For each word: true if it names a place on that path. */
  readonly words: readonly boolean[];
  /** True if the whole query names a place on that path. */
  readonly whole: boolean;
}

/** If a query has more words than this, the words are the syllables of one name, and not names themselves. */
const MAX_WORDS = 6;

/**
 * Returns every place that a query matches, in order of adcode. A query matches a place by its own name, or by the
 * name of a place that contains it. The query '' matches all places.
 */
export function rankPlaces(query: string): RankedPlace[] {
  const pieces = queryWords(query);
  const typed = pieces.join('');
  const distinct = [...new Set(pieces)];
  // A name may have a blank between all syllables, so the words of a long query are not separate names.
  const words = pieces.length > 1 && distinct.length <= MAX_WORDS ? distinct.map(parseQueryTerm) : [];
  const text = parseQueryTerm(successorOf(typed) ?? typed);
  const rootMatch: AncestorMatch = { remainders: [], words: words.map(() => false), whole: text.text === '' };
  const found = new Map<CatalogueEntry, AncestorMatch>();
  const ranked: RankedPlace[] = [];
  for (const entry of allCatalogueEntries()) {
    const above = (entry.parent && found.get(entry.parent)) ?? rootMatch;
    const { rank, words: named } = rankOf(entry, text, words, above);
    if (rank !== undefined) ranked.push({ place: entry.place, rank });
    if (entry.place.level === 'county') continue;
    const newRemainders = [text, ...above.remainders].flatMap((rest) =>
      remaindersAfterName(rest.text, entry.names),
    );
    found.set(entry, {
      remainders: [...above.remainders, ...newTerms(above.remainders, newRemainders)],
      words: named,
      whole: rank !== undefined,
    });
  }
  return ranked;
}

/** Returns those texts that are not known yet, each text once. */
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
  // The words may come in any order, if each word names a place on the path and one word names the place itself. Such a
  // match ranks below an exact name: `shan xian` means 单县 first, and then 西安 in 陕西.
  const own = words.map((word) => rankByName(word, names));
  const named = own.map((rank, at) => rank !== undefined || above.words[at] === true);
  if (named.every(Boolean))
    for (const rank of own) if (rank !== undefined) ranks.push(Math.max(rank, RANK.namePrefix));
  return { rank: bestRank(ranks), words: named };
}

function bestRank(ranks: readonly (number | undefined)[]): number | undefined {
  let best: number | undefined;
  for (const rank of ranks) if (rank !== undefined && (best === undefined || rank < best)) best = rank;
  return best;
}
