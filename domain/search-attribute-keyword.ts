import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The server rejects longer Keyword values. */
const MAX_KEYWORD_CHARACTERS = 255;

/**
 * Values of these characters mean the same in every query language. A server may put other values into its query
 * unescaped. With SQLite, a query for a value with `"` then fails, and a query for a value with `\` finds nothing.
 */
const QUERYABLE = /^[A-Za-z0-9 ._:/@+=-]*$/;

/**
 * Returns a value for a Keyword search attribute: unchanged if it has at most 255 characters, all of
 * `[A-Za-z0-9 ._:/@+=-]`; otherwise its hash. The memo has the full value. Workflows also call this function, so it
 * cannot use `node:crypto`.
 */
export function toSearchAttributeKeyword(value: string): string {
  return value.length <= MAX_KEYWORD_CHARACTERS && QUERYABLE.test(value) ? value : hashed(value);
}

const hashed = (value: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(value)))}`;

/**
 * Returns the keywords that a run can have for a value: the current one first. Earlier builds wrote every value of up to
 * 255 characters unchanged, and the server retains their runs for some days.
 */
export function searchAttributeKeywords(value: string): readonly string[] {
  const current = toSearchAttributeKeyword(value);
  return current === value || value.length > MAX_KEYWORD_CHARACTERS ? [current] : [current, value];
}
