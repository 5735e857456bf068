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

/** How well a folded text without blanks names a place itself, a rank before `path`; undefined when it does not. */
export function ownRank(text: string, names: PlaceNames): number | undefined {
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return codeRank(text, names.adcode);
  return /^[a-z]+$/.test(text) ? letterRank(text, names) : nameRank(text, names);
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

function nameRank(text: string, { core, kind }: PlaceNames): number | undefined {
  if (text === core || text === core + kind) return RANK.exact;
  return (core + kind).startsWith(text) || withoutKind(text) === core ? RANK.namePrefix : undefined;
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
