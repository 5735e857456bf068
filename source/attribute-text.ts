import { trimEndOf } from '../domain/trim-characters.ts';

/**
 * Characters that a CloudEvents String must not contain: U+0000-001F, U+007F-009F, noncharacters and unpaired
 * surrogates (specification 1.0.2, "Type System").
 */
const FORBIDDEN_CHARACTER = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN_CHARACTER, 'gu');

/** True if the text is allowed as the value of a CloudEvents attribute. */
export const isAttributeText = (text: string): boolean => !FORBIDDEN_CHARACTER.test(text);

/** Converts arbitrary bytes to one line that is allowed as the value of an attribute. */
export function toAttributeText(bytes: Buffer): string {
  const text = bytes.toString().replace(ALL_FORBIDDEN, ' ');
  // The last character may be incomplete.
  return trimEndOf(text, '\ufffd').replace(/\s+/g, ' ').trim();
}
