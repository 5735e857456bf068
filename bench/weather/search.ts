import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { searchPlaces } from '../../domain/catalogue/search-places.ts';
import { percentiles } from '../source/percentiles.ts';

const LIMIT = 20;

/**
 * Measures searches of the catalogue, in ms. The queries are whole names, their beginnings, pinyin, initials, codes,
 * words that no place has, and the slowest known queries.
 */
export function search() {
  const queries = allPlaces()
    .filter((_, index) => index % 4 === 0)
    .flatMap(({ name, adcode, path }, index) => [
      ...[name, name.slice(0, 1), path.join(' '), adcode.slice(0, 4)],
      LATIN[index % LATIN.length] ?? '',
    ]);
  const took: number[] = [];
  for (const round of ['warm', 'measured'])
    for (const q of queries) {
      const began = performance.now();
      searchPlaces({ q, limit: LIMIT });
      if (round === 'measured') took.push(performance.now() - began);
    }
  const result = percentiles(took);
  console.log(`search: ${JSON.stringify(result)}`);
  return result;
}

const LATIN = [
  'yueqing',
  'y',
  'bj',
  'chao yang',
  'zhejiang yueqing',
  'zj',
  'xian',
  "xi'an",
  'lvliang',
  'qwxzv',
  // The slowest queries: words of one letter, words of two letters, a repeated word, and a character that becomes
  // eighteen characters when it is normalised.
  'a b c d e f',
  'mq qo as kg ee qq',
  'z '.repeat(50),
  'ﷺ'.repeat(100),
];
