import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The server refuses longer Keyword values. */
const MAX_KEYWORD_CHARACTERS = 255;

/**
 * A value for a Keyword search attribute: whole up to 255 characters, else its hash (and whole in the memo). Runs in
 * workflows too, where there is no `node:crypto`.
 */
export function toSearchAttributeKeyword(value: string): string {
  return value.length <= MAX_KEYWORD_CHARACTERS ? value : `sha256:${bytesToHex(sha256(utf8ToBytes(value)))}`;
}
