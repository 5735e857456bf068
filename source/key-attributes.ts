import type { KeyCell, KeyValue } from '../ots/wire/row.ts';
import { encodeHeaderValue, percentEncodeText } from '../runtime/binary-event.ts';
import { isAttributeText } from './attribute-text.ts';

/**
 * Bytes that one attribute may have in a header, where it comes from a key: four of them are well below the 16 KiB that
 * servers take of all headers.
 */
const MAX_HEADER_BYTES = 2_048;

/** A header has at most so many bytes for each UTF-16 unit of a text: shorter texts need not be looked at. */
const MAX_HEADER_BYTES_PER_UNIT = 9;

/** `,`, `=` and `%` in a value would make two keys look alike; the rest an attribute may not have (see attribute-text.ts). */
const ESCAPED_CHARACTER = /[%,=\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

type Key = readonly KeyCell<KeyValue>[];

/** A key column's value as a text: bytes in base64. */
export const keyText = (value: KeyValue): string =>
  Buffer.isBuffer(value) ? value.toString('base64') : String(value);

/**
 * The key as an event's subject: `adcode=110000,date=2026-11-23`. Where a header would have over 2,048 bytes it is cut
 * before a character, and ends with `~` and `row`, the 16 hex digits that tell the key from others.
 */
export function rowSubject(key: Key, row: string): string {
  const subject = key.map(({ name, value }) => `${name}=${escaped(keyText(value))}`).join(',');
  return isShort(subject) ? subject : truncatedSubject(key, row);
}

/** A key column's value as an attribute; undefined where it can be none: empty, too long, or with characters it may not have. */
export function keyAttributeValue(value: KeyValue): string | undefined {
  const text = keyText(value);
  return text !== '' && (PLAIN_TEXT.test(text) || isAttributeText(text)) && isShort(text) ? text : undefined;
}

/** Most values: nothing in them is to be escaped. Looking for Unicode's properties costs ten times as much. */
const PLAIN_TEXT = /^[ -$&-+\--<>-~]*$/;

const escaped = (text: string): string =>
  PLAIN_TEXT.test(text) ? text : text.replace(ESCAPED_CHARACTER, percentEncodeText);

const isShort = (text: string): boolean =>
  text.length * MAX_HEADER_BYTES_PER_UNIT <= MAX_HEADER_BYTES ||
  encodeHeaderValue(text).length <= MAX_HEADER_BYTES;

function truncatedSubject(key: Key, row: string): string {
  const room = MAX_HEADER_BYTES - row.length - 1;
  let subject = '';
  let taken = 0;
  for (const [index, { name, value }] of key.entries())
    for (const piece of [`${index === 0 ? '' : ','}${name}=`, ...Array.from(keyText(value), escaped)]) {
      taken += encodeHeaderValue(piece).length;
      if (taken > room) return `${subject}~${row}`;
      subject += piece;
    }
  return subject;
}
