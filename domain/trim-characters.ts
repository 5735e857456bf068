/**
 * Returns the text without these characters at its end. Takes linear time; a regular expression such as `/x+$/` takes
 * quadratic time, because it starts again at every character.
 */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Returns the text without these characters at its start and its end, in linear time. */
export function trimBothEndsOf(text: string, characters: string): string {
  const trimmed = trimEndOf(text, characters);
  let start = 0;
  while (start < trimmed.length && characters.includes(trimmed.charAt(start))) start++;
  return trimmed.slice(start);
}
