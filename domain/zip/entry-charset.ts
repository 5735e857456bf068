import { TextDecoder } from 'node:util';
import { crc32 } from 'node:zlib';
import { getFileNameLowLevel } from 'yauzl';
import type { DirectoryRecord } from './directory-record.ts';

/** Flag bit 11: the name is UTF-8 (APPNOTE 4.4.4). */
const UTF8_FLAG = 0x800;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The charset of entry names without a declared charset: a label of the Encoding Standard, or `cp437`. */
export type Charset = string;

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

/**
 * Decides how to read all names of an archive that declare no charset. If all of them are valid UTF-8, returns UTF-8,
 * because macOS sets no flag. Otherwise returns `preferred` if this charset can decode all of them. Otherwise returns
 * CP437, the default of the format. One name alone is not enough, because many byte strings are valid in several
 * charsets.
 */
export function detectCharset(records: Iterable<DirectoryRecord>, preferred: Charset): Charset {
  const candidates: [Charset, TextDecoder][] = [
    ['utf-8', utf8],
    [preferred, new TextDecoder(preferred === 'cp437' ? 'utf-8' : preferred, { fatal: true })],
  ];
  for (const record of records) {
    if (isAscii(record.name) || declaredName(record) !== undefined) continue;
    for (let at = candidates.length - 1; at >= 0; at--) {
      const candidate = candidates[at];
      if (candidate !== undefined && tryDecode(candidate[1], record.name) === undefined)
        candidates.splice(at, 1);
    }
    if (candidates.length === 0) break;
  }
  return candidates[0]?.[0] ?? 'cp437';
}

/** Returns a function that decodes the names of an archive. Names that declare no charset are in `charset`. */
export function entryNameDecoder(charset: Charset): (record: DirectoryRecord) => string {
  const decoder = charset === 'cp437' ? undefined : new TextDecoder(charset, { ignoreBOM: true });
  return (record) =>
    declaredName(record) ?? decoder?.decode(record.name) ?? getFileNameLowLevel(0, record.name, [], true);
}
