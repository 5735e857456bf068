import { createHash } from 'node:crypto';

/** Temporal's own SQL schema allows ids up to this many bytes. */
const MAX_ID_BYTES = 255;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const percentEncoded = (text: string): string =>
  Buffer.from(text, 'utf8').reduce(
    (all, byte) => `${all}%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    '',
  );

/** Returns the identity of one event on one route: 16 hex digits. */
export function eventHash(route: string, source: string, id: string): string {
  return sha256(JSON.stringify([route, source, id])).slice(0, 16);
}

/**
 * Makes a workflow id in ASCII. Percent-encodes all other characters and `%`, so that two texts never have the same id.
 * An id over 255 bytes is cut, and its end is replaced by a hash.
 */
export function toWorkflowId(text: string): string {
  const ascii = text.replace(/[^\x20-\x24\x26-\x7e]+/gu, percentEncoded);
  return ascii.length <= MAX_ID_BYTES
    ? ascii
    : `${ascii.slice(0, MAX_ID_BYTES - 17)}~${sha256(ascii).slice(0, 16)}`;
}
