/** What a text is to a name's readings: `usual` is of the usual reading alone, `read` of any. */
export interface SyllableMatch {
  /** All of the name and no more. */
  readonly whole: 'usual' | 'read' | undefined;
  /** The beginning of the name, or all of it. */
  readonly prefix: 'usual' | 'read' | undefined;
}

type Characters = readonly (readonly string[])[];

/** Finds a text of letters in a name of `core` characters that may be followed by its `kind`. */
export function matchSyllables(text: string, core: Characters, kind: Characters): SyllableMatch {
  let whole: SyllableMatch['whole'];
  let prefix: SyllableMatch['prefix'];
  walk(text, core, kind, (left, at, usual) => {
    const found = usual ? 'usual' : 'read';
    if (left === '' && prefix !== 'usual') prefix = found;
    const isWhole = at === core.length || at === core.length + kind.length;
    if (left === '' && isWhole && whole !== 'usual') whole = found;
  });
  return { whole, prefix };
}

/** What of a text is left after a name, said with or without its kind; nothing where the text is no longer. */
export function leftAfter(text: string, core: Characters, kind: Characters): string[] {
  const rests = new Set<string>();
  walk(text, core, kind, (left, at) => {
    if (left !== '' && (at === core.length || at === core.length + kind.length)) rests.add(left);
  });
  return [...rests];
}

/**
 * Calls `reached` wherever a text can be cut at the end of a character, with what is left of it and the characters
 * gone; and with nothing left and no count where it ends inside of one.
 */
function walk(
  text: string,
  core: Characters,
  kind: Characters,
  reached: (left: string, at: number | undefined, usual: boolean) => void,
): void {
  // Most names end here, which keeps a search of all of them short.
  const first = text.charCodeAt(0);
  if (core[0]?.some((reading) => reading.charCodeAt(0) === first) !== true) return;
  const step = (left: string, at: number, usual: boolean): void => {
    reached(left, at, usual);
    if (left === '') return;
    const readings = at < core.length ? core[at] : kind[at - core.length];
    for (const [order, reading] of (readings ?? []).entries()) {
      const isUsual = usual && order === 0;
      if (left.startsWith(reading)) step(left.slice(reading.length), at + 1, isUsual);
      else if (reading.startsWith(left)) reached('', undefined, isUsual);
    }
  };
  step(text, 0, true);
}

/** True when each letter begins a reading of one character after the other, from the first. */
export function matchInitials(
  letters: string,
  core: Characters,
  kind: Characters,
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
