/**
 * Control and formatting characters: ESC, C1 controls, marks that change the direction of text, and characters without
 * width. Senders choose much of what terminals, logs and web pages show, and must not control how they show it.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Replaces hidden characters by U+FFFD, except those that `keep` has. */
export const replaceHidden = (text: string, keep = ''): string =>
  text.replace(HIDDEN, (character) => (keep.includes(character) ? character : '\ufffd'));

/** Writes the hidden characters of a JSON text, except line breaks, as `\uXXXX`, which is the same JSON. */
export const escapeHidden = (json: string): string =>
  json.replace(HIDDEN, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()].map((at) => escapeUnit(character, at)).join(''),
  );

const escapeUnit = (character: string, at: number): string =>
  `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
