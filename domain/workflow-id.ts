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
 * An id over 255 bytes is cut, and its end is replaced by a hash. With `readable`, letters, digits and marks of all
 * scripts stay as they are.
 */
export function toWorkflowId(text: string, readable = false): string {
  const encoded = text.replace(readable ? NOT_READABLE : NOT_ASCII, percentEncoded);
  return Buffer.byteLength(encoded) <= MAX_ID_BYTES
    ? encoded
    : `${firstBytes(encoded, MAX_ID_BYTES - 17)}~${sha256(encoded).slice(0, 16)}`;
}

const NOT_ASCII = /[^\x20-\x24\x26-\x7e]+/gu;
const NOT_READABLE = /[^\x20-\x24\x26-\x7e\p{L}\p{N}\p{M}]+/gu;

/** Returns the whole characters in the first `bytes` bytes of a text. */
const firstBytes = (text: string, bytes: number): string =>
  new TextDecoder().decode(Buffer.from(text, 'utf8').subarray(0, bytes), { stream: true });
