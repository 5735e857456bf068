import type { KeyCell, KeyValue } from '../ots/wire/row.ts';
import { encodeHeaderValue, percentEncodeText } from '../runtime/binary-event.ts';
import { isAttributeText } from './attribute-text.ts';

/**
 * The largest header, in bytes, for one attribute from the key. Four such headers are well below the 16 KiB that
 * servers accept for all headers.
 */
const MAX_HEADER_BYTES = 2_048;

/**
 * A header needs at most this many bytes for one UTF-16 unit. So the length of the header need not be computed for a
 * short text.
 */
const MAX_HEADER_BYTES_PER_UNIT = 9;

/**
 * The characters that are escaped in a subject. If `,`, `=` and `%` were not escaped, two different keys could have the
 * same subject. The other characters are not allowed in attributes (see attribute-text.ts).
 */
const ESCAPED_CHARACTER = /[%,=\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

type Key = readonly KeyCell<KeyValue>[];

/** Returns a key column's value as text; bytes in base64. */
export const keyText = (value: KeyValue): string =>
  Buffer.isBuffer(value) ? value.toString('base64') : String(value);

/**
 * Returns the key as an event's subject: `adcode=110000,date=2026-11-23`. If the header would exceed 2,048 bytes, the
 * subject is cut between two characters. It then ends with `~` and `rowHash`, the 16 hex digits that identify the key.
 */
export function rowSubject(key: Key, rowHash: string): string {
  const subject = key.map(({ name, value }) => `${name}=${escaped(keyText(value))}`).join(',');
  return fitsHeader(subject) ? subject : truncatedSubject(key, rowHash);
}

/** Returns a key column's value as an attribute, or undefined if it is empty, too long or has forbidden characters. */
export function keyAttributeValue(value: KeyValue): string | undefined {
  const text = keyText(value);
  return text !== '' && (PLAIN_TEXT.test(text) || isAttributeText(text)) && fitsHeader(text)
    ? text
    : undefined;
}

/** Matches most values, which need no escaping. The pattern with Unicode property escapes takes ten times as long. */
const PLAIN_TEXT = /^[ -$&-+\--<>-~]*$/;

const escaped = (text: string): string =>
  PLAIN_TEXT.test(text) ? text : text.replace(ESCAPED_CHARACTER, percentEncodeText);

const fitsHeader = (text: string): boolean =>
  text.length * MAX_HEADER_BYTES_PER_UNIT <= MAX_HEADER_BYTES ||
  encodeHeaderValue(text).length <= MAX_HEADER_BYTES;

function truncatedSubject(key: Key, rowHash: string): string {
  const maxBytes = MAX_HEADER_BYTES - rowHash.length - 1;
  let subject = '';
  let bytes = 0;
  for (const [index, { name, value }] of key.entries())
    for (const piece of [`${index === 0 ? '' : ','}${name}=`, ...Array.from(keyText(value), escaped)]) {
      bytes += encodeHeaderValue(piece).length;
      if (bytes > maxBytes) return `${subject}~${rowHash}`;
      subject += piece;
    }
  return subject;
}
