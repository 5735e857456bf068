/**
 * How names show bytes that are no characters: as `%XX`, with upper-case hex digits. Two different names must not look
 * the same, because one object would replace the other. So in a name with such bytes, a text that could be read as an
 * escape gets `%25` for its last `%`. A name without such bytes never changes. If such a name contains a text like
 * `%80`, the escape of the whole archive is longer: `%%XX`, or with even more `%`.
 */

/** An object's key has at most 1,023 bytes, so no file has a name with more `%`. */
const MAX_PERCENTS = 1_023;

const PERCENT_ENCODED = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

/** Returns a byte as `%XX`. */
export const percentEncoded = (byte: number): string => PERCENT_ENCODED[byte] ?? '';

/** Returns a text without anything that looks like an escaped byte. `escapePrefix` is one or more `%`. */
export function escapeLiterals(text: string, escapePrefix: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%+/g, (percents, at: number) => {
    const isEscape = percents.length >= escapePrefix.length && isHex(text, at + percents.length);
    return isEscape ? `${percents}25` : percents;
  });
}

const isHex = (text: string, at: number): boolean => /^[\da-f]{2}$/i.test(text.slice(at, at + 2));

/** Returns the shortest escape prefix with which no name of `validNames` looks as if it had an escaped byte. */
export function shortestEscapePrefix(validNames: Iterable<string>): string {
  let longest = 0;
  for (const name of validNames) {
    for (const { index, 0: percents } of name.matchAll(/%+/g)) {
      const digits = name.slice(index + percents.length, index + percents.length + 2);
      const isEscapedByte = /^[89A-F][\dA-F]$/.test(digits);
      if (isEscapedByte && percents.length <= MAX_PERCENTS) longest = Math.max(longest, percents.length);
    }
  }
  return '%'.repeat(longest + 1);
}
