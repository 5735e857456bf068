/** Finds parts of a zip archive in bytes that belong to no entry. Source: PKWARE APPNOTE.TXT 6.3.10, 4.3. */
import type { Match } from './file-search.ts';

const LOCAL = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const DIRECTORY_BYTES = 46;

/** Returns true for the compression methods of APPNOTE 4.4.5. Bytes with another value are not part of an archive. */
const isMethod = (method: number): boolean => method <= 20 || (method >= 93 && method <= 99);

/** The newest version of the format is 6.3; SFX tools use up to 9.x. */
const isVersion = (version: number): boolean => version <= 99;

/**
 * Returns the first local header, directory record or end record in `bytes`; undefined if there is none.
 * The four bytes of a signature alone do not count, because programs that read archives contain them as constants.
 */
export const findZipStructure = (bytes: Buffer): Match | undefined =>
  findStructure(bytes, [LOCAL, DIRECTORY, END]);

/**
 * Returns the first directory record or end record. Local headers do not count: between the entries of an archive,
 * such headers belong to deleted entries.
 */
export const findZipDirectory = (bytes: Buffer): Match | undefined => findStructure(bytes, [DIRECTORY, END]);

function findStructure(bytes: Buffer, signatures: readonly number[]): Match | undefined {
  let found: number | undefined;
  for (const signature of signatures) {
    const text = Buffer.alloc(4);
    text.writeUInt32LE(signature);
    // A structure behind the first one found is not interesting.
    const searched = bytes.subarray(0, found === undefined ? bytes.length : found + 3);
    let at = searched.indexOf(text);
    while (at >= 0 && !isZipStructure(bytes, at)) at = searched.indexOf(text, at + 1);
    if (at >= 0) found = at;
  }
  return found === undefined ? undefined : { at: found };
}

function isZipStructure(bytes: Buffer, at: number): boolean {
  const left = bytes.length - at;
  if (left < 4) return false;
  switch (bytes.readUInt32LE(at)) {
    case LOCAL:
      return (
        left > LOCAL_BYTES &&
        isVersion(bytes.readUInt8(at + 4)) &&
        isMethod(bytes.readUInt16LE(at + 8)) &&
        isName(bytes, at + LOCAL_BYTES, bytes.readUInt16LE(at + 26))
      );
    case DIRECTORY:
      return (
        left > DIRECTORY_BYTES &&
        isVersion(bytes.readUInt8(at + 6)) &&
        isMethod(bytes.readUInt16LE(at + 10)) &&
        isName(bytes, at + DIRECTORY_BYTES, bytes.readUInt16LE(at + 28))
      );
    case END:
      return (
        left >= END_BYTES &&
        bytes.readUInt16LE(at + 4) === 0 &&
        bytes.readUInt16LE(at + 8) === bytes.readUInt16LE(at + 10)
      );
    default:
      return false;
  }
}

/**
 * Returns true if a name of `length` bytes may start at `at`. The end of the name may be missing if `bytes` ends
 * before it. Some tools add NULs to the end of a name.
 */
function isName(bytes: Buffer, at: number, length: number): boolean {
  if (length === 0 || length > 4_096) return false;
  const name = bytes.subarray(at, at + length);
  const end = name.indexOf(0);
  return end !== 0 && (end < 0 || name.subarray(end).every((byte) => byte === 0));
}

/** Returns true if the bytes start with the signature of a local header. */
export const startsWithLocalHeader = (bytes: Buffer): boolean =>
  bytes.indexOf('PK\x03\x04', 0, 'latin1') === 0;

/** Returns true for the first file of a split archive: a local header follows the marker of split archives. */
export const startsLikeSplitArchive = (head: Buffer): boolean =>
  head.indexOf('PK\x07\x08', 0, 'latin1') === 0 && startsWithLocalHeader(head.subarray(4));
