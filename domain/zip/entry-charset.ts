import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { escapeLiterals, percentEncoded, shortestEscapePrefix } from './byte-escapes.ts';
import { type Charset, CharsetDecoder, type DecodedName } from './charset-decoder.ts';
import { bestCharset, CharsetFit } from './charset-fit.ts';
import type { DirectoryRecord } from './directory-record.ts';

const PERCENT = 0x25;

/** Flag bit 11: the name is UTF-8 (APPNOTE 4.4.4). */
const UTF8_FLAG = 0x800;

/** How to read the names of an archive that declare no charset. */
export interface NameDecoding {
  /** The charset of names that are not valid UTF-8. */
  readonly charset: Charset;
  /**
   * How to read a name that is valid UTF-8 and has only characters of one or two bytes. Many such names are valid GBK,
   * too. True: it is UTF-8. False: it is in `charset`.
   */
  readonly twoByteUtf8: boolean;
  /**
   * One or more `%`, which escape a byte that is invalid in its charset. Absent in plans that an earlier version of
   * Sluice made.
   */
  readonly escapePrefix?: string;
}

function isAscii(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
}

/** Returns the name that the record declares as Unicode, with the flag or with Info-ZIP's extra field 0x7075. */
function declaredName(record: DirectoryRecord): string | undefined {
  // An entry can have thousands of such fields, so the CRC-32 is computed only once.
  let nameCrc: number | undefined;
  for (const { id, data } of record.extra) {
    if (id !== 0x7075 || data.length < 6 || data[0] !== 1) continue;
    nameCrc ??= crc32(record.name);
    if (data.readUInt32LE(1) !== nameCrc) continue;
    const name = data.subarray(5);
    if (isUtf8(name)) return name.toString('utf8');
  }
  const isFlagged = (record.flags & UTF8_FLAG) !== 0;
  return isFlagged && isUtf8(record.name) ? record.name.toString('utf8') : undefined;
}

/** `long`: valid UTF-8 with a character of three or more bytes. `short`: all characters beyond ASCII have two bytes. */
type Utf8Kind = 'long' | 'short' | 'invalid';

function utf8KindOf(name: Buffer): Utf8Kind {
  if (!isUtf8(name)) return 'invalid';
  for (let at = 0; at < name.length; at++) if ((name[at] ?? 0) >= 0xe0) return 'long';
  return 'short';
}

/**
 * Decides how to read the names of an archive that declare no charset. Valid UTF-8 with a character of three or more
 * bytes is hardly ever another charset. All names that are not valid UTF-8 have one charset: the one of `charsets` that
 * fits them best. Names whose characters beyond ASCII all have two bytes are read in the charset of most other names.
 */
export function detectNameDecoding(
  records: Iterable<DirectoryRecord>,
  charsets: readonly Charset[],
): NameDecoding {
  const fits = charsets.map((charset) => new CharsetFit(charset));
  const names = { long: 0, short: 0, invalid: 0 };
  for (const record of records) {
    if (isAscii(record.name) || declaredName(record) !== undefined) continue;
    const kind = utf8KindOf(record.name);
    names[kind]++;
    if (kind === 'invalid') for (const fit of fits) fit.add(record.name);
  }
  const charset = names.invalid === 0 ? (charsets[0] ?? 'cp437') : bestCharset(fits);
  return { charset, twoByteUtf8: names.invalid === 0 || names.long > names.invalid };
}

/** Returns an escape prefix that makes every name with invalid bytes different from all names without invalid bytes. */
export function detectEscapePrefix(records: Iterable<DirectoryRecord>, decoding: NameDecoding): string {
  const decode = entryNameDecoder(decoding);
  function* validNames(): Generator<string> {
    for (const record of records) {
      // In all charsets, this byte is the character `%`, and no part of another character.
      if (!record.name.includes(PERCENT) && record.extra.length === 0) continue;
      const { text, broken } = decode(record);
      if (!broken) yield text;
    }
  }
  return shortestEscapePrefix(validNames());
}

/** Returns a function that decodes the names of an archive. */
export function entryNameDecoder(decoding: NameDecoding): (record: DirectoryRecord) => DecodedName {
  const decoder = new CharsetDecoder(decoding.charset);
  return (record) => {
    const declared = declaredName(record);
    if (declared !== undefined) return { text: declared, broken: false };
    if (isAscii(record.name)) return { text: record.name.toString('latin1'), broken: false };
    const kind = utf8KindOf(record.name);
    if (kind === 'long' || (kind === 'short' && decoding.twoByteUtf8))
      return { text: record.name.toString('utf8'), broken: false };
    return decoder.decode(record.name, decoding.escapePrefix);
  };
}

/** Returns a function that reads all names that declare no charset in `charset`. */
export function oneCharsetDecoder(charset: Charset): (record: DirectoryRecord) => DecodedName {
  const decoder = new CharsetDecoder(charset);
  return (record) => {
    const declared = declaredName(record);
    return declared === undefined ? decoder.decode(record.name) : { text: declared, broken: false };
  };
}

/**
 * Returns the name as it is in the archive. If it is not valid UTF-8, each byte beyond ASCII is written as `%XX`, and a
 * `%` in front of two hex digits as `%25`.
 */
export function rawName({ name }: DirectoryRecord): string {
  if (isUtf8(name)) return name.toString('utf8');
  const bytes = escapeLiterals(name.toString('latin1'), '%');
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    text += byte < 0x80 ? bytes[at] : percentEncoded(byte);
  }
  return text;
}
