import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The server rejects longer Keyword values. */
const MAX_KEYWORD_CHARACTERS = 255;

/**
 * Returns a value for a Keyword search attribute: unchanged up to 255 characters, otherwise its hash. The memo has the
 * full value. Workflows also call this function, so it cannot use `node:crypto`.
 */
export function toSearchAttributeKeyword(value: string): string {
  return value.length <= MAX_KEYWORD_CHARACTERS ? value : `sha256:${bytesToHex(sha256(utf8ToBytes(value)))}`;
}
