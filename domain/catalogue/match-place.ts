import type { PlaceNames } from './place-names.ts';
import { withoutKind } from './query-text.ts';

/** How well a text names a place: lower is better. `path`: the text names a place that contains this place. */
export const RANK = {
  exact: 0,
  exactByOtherReading: 1,
  namePrefix: 2,
  pinyinPrefix: 3,
  pinyinPrefixByOtherReading: 4,
  initials: 5,
  initialsPrefix: 6,
  path: 7,
} as const;

/** A normalised text without blanks, with the properties that are computed once for all places. */
export interface QueryTerm {
  readonly text: string;
  readonly script: 'none' | 'digits' | 'letters' | 'other';
  /** The text without the kind of place (such as 市) at its end. */
  readonly core: string;
}

/** Parses a normalised text without blanks. */
export const parseQueryTerm = (text: string): QueryTerm => ({
  text,
  script: scriptOf(text),
  core: withoutKind(text),
});

function scriptOf(text: string): QueryTerm['script'] {
  if (text === '') return 'none';
  if (/^\d+$/.test(text)) return 'digits';
  return /^[a-z]+$/.test(text) ? 'letters' : 'other';
}

/** Returns how well a text names the place itself: a rank before `path`; undefined if the text does not name it. */
export function rankByName(term: QueryTerm, names: PlaceNames): number | undefined {
  switch (term.script) {
    case 'none':
      return undefined;
    case 'digits':
      return codeRank(term.text, names.adcode);
    case 'letters':
      return letterRank(term.text, names);
    default:
      return nameRank(term, names);
  }
}

/**
 * Returns the remainders of a text after the place's name, if the text starts with that name. The name may be in any
 * reading, with or without the kind, so there can be several remainders.
 */
export function remaindersAfterName(
  text: string,
  { core, kind, others, syllables, kindSyllables }: PlaceNames,
): string[] {
  const matchedNames = [core, core + kind, ...others].filter(
    (name) => text.startsWith(name) && text !== name,
  );
  return [
    ...matchedNames.map((name) => text.slice(name.length)),
    ...remaindersAfterReading(text, syllables, kindSyllables),
  ];
}

function codeRank(digits: string, adcode: string): number | undefined {
  if (digits === adcode) return RANK.exact;
  return adcode.startsWith(digits) ? RANK.namePrefix : undefined;
}

function nameRank({ text, core: typedCore }: QueryTerm, { core, kind }: PlaceNames): number | undefined {
  if (text === core || text === core + kind) return RANK.exact;
  return (core + kind).startsWith(text) || typedCore === core ? RANK.namePrefix : undefined;
}

function letterRank(letters: string, names: PlaceNames): number | undefined {
  const { syllables, kindSyllables, others } = names;
  const { whole, prefix } = matchSyllables(letters, syllables, kindSyllables);
  if (whole === 'usual' || others.includes(letters)) return RANK.exact;
  if (whole !== undefined) return RANK.exactByOtherReading;
  if (prefix === 'usual' || others.some((name) => name.startsWith(letters))) return RANK.pinyinPrefix;
  if (prefix !== undefined) return RANK.pinyinPrefixByOtherReading;
  const initials = matchInitials(letters, syllables, kindSyllables);
  if (initials === undefined) return undefined;
  return initials === 'whole' ? RANK.initials : RANK.initialsPrefix;
}

/** How a text matches a name's readings: `usual` is the usual reading, `other` is another one. */
interface SyllableMatch {
  /** The text is the whole name. */
  readonly whole: 'usual' | 'other' | undefined;
  /** The text is the start of the name, or the whole name. */
  readonly prefix: 'usual' | 'other' | undefined;
}

type CharacterReadings = readonly (readonly string[])[];

/** Matches a text of letters with a name of `core` characters that may be followed by its `kind`. */
function matchSyllables(text: string, core: CharacterReadings, kind: CharacterReadings): SyllableMatch {
  let whole: SyllableMatch['whole'];
  let prefix: SyllableMatch['prefix'];
  matchReadings(text, core, kind, (left, at, usual) => {
    const found = usual ? 'usual' : 'other';
    if (left === '' && prefix !== 'usual') prefix = found;
    const isWhole = at === core.length || at === core.length + kind.length;
    if (left === '' && isWhole && whole !== 'usual') whole = found;
  });
  return { whole, prefix };
}

/** Returns the remainders of a text after a name, with or without its kind; none if the text ends with the name. */
function remaindersAfterReading(text: string, core: CharacterReadings, kind: CharacterReadings): string[] {
  const remainders = new Set<string>();
  matchReadings(text, core, kind, (left, at) => {
    if (left !== '' && (at === core.length || at === core.length + kind.length)) remainders.add(left);
  });
  return [...remainders];
}

/**
 * Finds each way in which the start of the text equals the readings of the first characters. For each way, calls
 * `onMatch` with the remaining text and the number of these characters. The third argument is true if all these
 * readings are the usual ones. If the text ends within the reading of a character, calls `onMatch` with an empty text
 * and no number.
 */
function matchReadings(
  text: string,
  core: CharacterReadings,
  kind: CharacterReadings,
  onMatch: (left: string, at: number | undefined, usual: boolean) => void,
): void {
  // Most names fail this check, so a search through all of them stays fast.
  const first = text.charCodeAt(0);
  if (core[0]?.some((reading) => reading.charCodeAt(0) === first) !== true) return;
  const step = (left: string, at: number, usual: boolean): void => {
    onMatch(left, at, usual);
    if (left === '') return;
    const readings = at < core.length ? core[at] : kind[at - core.length];
    for (const [order, reading] of (readings ?? []).entries()) {
      const isUsual = usual && order === 0;
      if (left.startsWith(reading)) step(left.slice(reading.length), at + 1, isUsual);
      else if (reading.startsWith(left)) onMatch('', undefined, isUsual);
    }
  };
  step(text, 0, true);
}

/**
 * Compares letters with a name: each letter must start a reading of the character at the same position. `whole`: there
 * is a letter for each character, with or without the kind. `prefix`: there are letters only for the first characters.
 */
function matchInitials(
  letters: string,
  core: CharacterReadings,
  kind: CharacterReadings,
): 'whole' | 'prefix' | undefined {
  const all = core.length + kind.length;
  if (letters === '' || letters.length > all) return undefined;
  for (let at = 0; at < letters.length; at++) {
    const readings = at < core.length ? core[at] : kind[at - core.length];
    if (!(readings ?? []).some((reading) => reading.charCodeAt(0) === letters.charCodeAt(at)))
      return undefined;
  }
  return letters.length === core.length || letters.length === all ? 'whole' : 'prefix';
}
