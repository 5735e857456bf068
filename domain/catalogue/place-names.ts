import { PLACE_ROWS } from './place-rows.ts';

/** All names of a place, as in the rows. */
export interface PlaceNames {
  readonly adcode: string;
  /** The name without its kind: `乐清`. */
  readonly core: string;
  /** The kind of place: `市`, `满族自治县`. */
  readonly kind: string;
  /** The usual reading of the core: `lü liang`. */
  readonly usual: string;
  /** All readings of each character of the core, the usual one first, ü as u: `[['yue', 'le'], ['qing']]`. */
  readonly syllables: readonly (readonly string[])[];
  /** The readings of the kind, one for each character. */
  readonly kindSyllables: readonly (readonly string[])[];
  /** Names in Latin letters that are not pinyin: `tibet`. */
  readonly others: readonly string[];
}

/** A parsed row: the names of a place and its coordinates. */
export interface PlaceRow {
  readonly names: PlaceNames;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
}

/** Parses all rows, in order of adcode. Rows with equal values share one copy in memory. */
export function parsePlaceRows(): PlaceRow[] {
  const words = new Map<string, readonly (readonly string[])[]>();
  const characters = new Map<string, readonly string[]>();
  const readOnce = <T>(known: Map<string, T>, text: string, read: (text: string) => T): T => {
    const found = known.get(text) ?? read(text);
    known.set(text, found);
    return found;
  };
  const readCharacter = (text: string) => text.replaceAll('ü', 'u').split(',');
  const readWord = (text: string) => text.split('-').map((part) => readOnce(characters, part, readCharacter));
  const kinds = new Map<string, string>();
  return PLACE_ROWS.trim()
    .split('\n')
    .map((line) => {
      const [adcode = '', name = '', reading = '', point = '', others = ''] = line.split(' ');
      const [core = '', kind = ''] = name.split('|');
      const [syllables = '', kindSyllables = ''] = reading.split('|');
      const [latitude, longitude] = point === '' ? [] : point.split(',').map(Number);
      const names = {
        adcode,
        core,
        kind: readOnce(kinds, kind, String),
        usual: syllables.replaceAll(/,[^-]*/g, '').replaceAll('-', ' '),
        syllables: readWord(syllables),
        kindSyllables: readOnce(words, kindSyllables, readWord),
        others: others === '' ? NO_NAMES : others.split(','),
      };
      return { names, latitude, longitude };
    });
}

const NO_NAMES: readonly string[] = [];
