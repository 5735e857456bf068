import { leftAfter, matchInitials, matchSyllables } from './match-syllables.ts';
import type { PlaceNames } from './place-names.ts';
import { withoutKind } from './query-text.ts';

/** How well a text names a place: the less, the better. `path`: it names what the place lies in. */
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

/** A folded text without blanks, and what of it need not be found out for each place anew. */
export interface Said {
  readonly text: string;
  readonly script: 'none' | 'digits' | 'letters' | 'other';
  /** The text without what kind of place it says at its end. */
  readonly core: string;
}

/** Reads a folded text without blanks. */
export const readSaid = (text: string): Said => ({ text, script: scriptOf(text), core: withoutKind(text) });

function scriptOf(text: string): Said['script'] {
  if (text === '') return 'none';
  if (/^\d+$/.test(text)) return 'digits';
  return /^[a-z]+$/.test(text) ? 'letters' : 'other';
}

/** How well a text names a place itself, a rank before `path`; undefined when it does not. */
export function ownRank(said: Said, names: PlaceNames): number | undefined {
  switch (said.script) {
    case 'none':
      return undefined;
    case 'digits':
      return codeRank(said.text, names.adcode);
    case 'letters':
      return letterRank(said.text, names);
    default:
      return nameRank(said, names);
  }
}

/** What of a text is left after the place's name at its beginning, in any reading, with or without its kind. */
export function restsAfter(
  text: string,
  { core, kind, others, syllables, kindSyllables }: PlaceNames,
): string[] {
  const said = [core, core + kind, ...others].filter((name) => text.startsWith(name) && text !== name);
  return [...said.map((name) => text.slice(name.length)), ...leftAfter(text, syllables, kindSyllables)];
}

function codeRank(digits: string, adcode: string): number | undefined {
  if (digits === adcode) return RANK.exact;
  return adcode.startsWith(digits) ? RANK.namePrefix : undefined;
}

function nameRank({ text, core: said }: Said, { core, kind }: PlaceNames): number | undefined {
  if (text === core || text === core + kind) return RANK.exact;
  return (core + kind).startsWith(text) || said === core ? RANK.namePrefix : undefined;
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
