import { TextDecoder } from 'node:util';
import { crc32 } from 'node:zlib';
import { getFileNameLowLevel } from 'yauzl';
import { bestCharset, type Charset, CharsetFit } from './charset-fit.ts';
import type { DirectoryRecord } from './directory-record.ts';

/** Flag bit 11: the name is UTF-8 (APPNOTE 4.4.4). */
const UTF8_FLAG = 0x800;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How to read the names of an archive that declare no charset. */
export interface NameDecoding {
  /** The charset of names that are not valid UTF-8. */
  readonly charset: Charset;
  /**
   * How to read a name that is valid UTF-8 and has only characters of one or two bytes. Many such names are valid GBK,
   * too. True: it is UTF-8. False: it is in `charset`.
   */
  readonly twoByteUtf8: boolean;
}

/** A decoded name. `broken` is true if some bytes are not valid in the charset; they are written as `%XX`. */
export interface DecodedName {
  readonly text: string;
  readonly broken: boolean;
}

function tryDecode(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
}

/** Returns the name that the record declares as Unicode, with the flag or with Info-ZIP's extra field 0x7075. */
function declaredName(record: DirectoryRecord): string | undefined {
  for (const { id, data } of record.extra) {
    if (id !== 0x7075 || data.length < 6 || data[0] !== 1) continue;
    if (data.readUInt32LE(1) !== crc32(record.name)) continue;
    const name = tryDecode(utf8, data.subarray(5));
    if (name !== undefined) return name;
  }
  return (record.flags & UTF8_FLAG) === 0 ? undefined : tryDecode(utf8, record.name);
}

/** `long`: valid UTF-8 with a character of three or more bytes. `short`: all characters beyond ASCII have two bytes. */
type Utf8Kind = 'long' | 'short' | 'invalid';

function utf8KindOf(name: Buffer): Utf8Kind {
  if (tryDecode(utf8, name) === undefined) return 'invalid';
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

/** Returns a function that decodes the names of an archive. */
export function entryNameDecoder(decoding: NameDecoding): (record: DirectoryRecord) => DecodedName {
  const decode = charsetDecoder(decoding.charset);
  return (record) => {
    const declared = declaredName(record);
    if (declared !== undefined) return { text: declared, broken: false };
    if (isAscii(record.name)) return { text: record.name.toString('latin1'), broken: false };
    const kind = utf8KindOf(record.name);
    if (kind === 'long' || (kind === 'short' && decoding.twoByteUtf8))
      return { text: record.name.toString('utf8'), broken: false };
    return decode(record.name);
  };
}

/** Returns a function that reads all names that declare no charset in `charset`. */
export function oneCharsetDecoder(charset: Charset): (record: DirectoryRecord) => DecodedName {
  const decode = charsetDecoder(charset);
  return (record) => {
    const declared = declaredName(record);
    return declared === undefined ? decode(record.name) : { text: declared, broken: false };
  };
}

function charsetDecoder(charset: Charset): (name: Buffer) => DecodedName {
  if (charset === 'cp437') return (name) => ({ text: getFileNameLowLevel(0, name, [], true), broken: false });
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  return (name) => {
    const text = tryDecode(decoder, name);
    return text === undefined ? { text: decodeBroken(charset, name), broken: true } : { text, broken: false };
  };
}

/** Decodes byte by byte, and writes each byte that is not part of a character as `%XX`. */
function decodeBroken(charset: Charset, name: Buffer): string {
  let decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  let text = '';
  let pending = 0;
  for (let at = 0; at <= name.length; at++) {
    const last = at === name.length;
    try {
      const piece = last ? decoder.decode() : decoder.decode(name.subarray(at, at + 1), { stream: true });
      text += piece;
      pending = piece === '' ? pending + 1 : 0;
    } catch {
      // The first pending byte does not start a character. The bytes after it may start one.
      const first = at - pending;
      text += percentEncoded(name[first] ?? 0);
      decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
      at = first;
      pending = 0;
    }
  }
  return text;
}

const percentEncoded = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** Returns the name as it is in the archive. If it is not valid UTF-8, each byte beyond ASCII is written as `%XX`. */
export function rawName({ name }: DirectoryRecord): string {
  return (
    tryDecode(utf8, name) ??
    Array.from(name, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : percentEncoded(byte))).join('')
  );
}
