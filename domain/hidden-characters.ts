/**
 * Control and formatting characters: ESC, C1 controls, marks that change the direction of text, and characters without
 * width. Senders choose much of what terminals, logs and web pages show, and must not control how they show it.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Replaces hidden characters by U+FFFD, except those that `keep` has. */
export const replaceHidden = (text: string, keep = ''): string =>
  text.replace(HIDDEN, (character) => (keep.includes(character) ? character : '\ufffd'));

/** Returns a text on one line without hidden characters, cut to `width` characters. */
export function singleLine(text: string, width = Number.POSITIVE_INFINITY): string {
  const line = replaceHidden(text.replace(/\s+/g, ' ').trim());
  if (line.length <= width) return line;
  // A character has one or two UTF-16 units.
  const characters = [...line.slice(0, 2 * width + 2)];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : line;
}

/** Escapes the hidden characters of a JSON text, except line breaks. The result is equal JSON. */
export const escapeHidden = (json: string): string =>
  json.replace(HIDDEN, (character) =>
    character === '\n' ? character : character.split('').map(escapeUnit).join(''),
  );

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
