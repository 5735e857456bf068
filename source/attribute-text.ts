/**
 * What a CloudEvents String may not have: U+0000-001F, U+007F-009F, noncharacters, and halves of surrogate pairs (the
 * specification 1.0.2, "Type System").
 */
const FORBIDDEN_CHARACTER = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN_CHARACTER, 'gu');

/** Whether a text may be the value of a CloudEvents attribute as it is. */
export const isAttributeText = (text: string): boolean => !FORBIDDEN_CHARACTER.test(text);

/** Bytes that may be anything, as one line that may be an attribute's value. */
export function toAttributeText(bytes: Buffer): string {
  const text = bytes.toString().replace(ALL_FORBIDDEN, ' ');
  // The last character may be cut in two.
  return text
    .replace(/\ufffd+$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}
