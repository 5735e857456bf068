/**
 * Finds the central directory of a ZIP file from the end of the file.
 * Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.
 */

const END = 0x06054b50;
const END_BYTES = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;

/** These bytes at the end contain the end record, even with the longest comment, and a ZIP64 record before it. */
export const TAIL_BYTES = 65_535 + END_BYTES + LOCATOR_BYTES + END64_BYTES + 4_096;

/** A possible location of the central directory, from an end record. Offsets are from the start of the file. */
export interface DirectoryCandidate {
  readonly start: number;
  readonly length: number;
  /** Added to every local header offset: the number of bytes in front of the archive. */
  readonly shift: number;
  readonly multiDisk: boolean;
}

/** A candidate with the end of its archive. */
export interface EndCandidate extends DirectoryCandidate {
  /** The offset of the end record, or of its ZIP64 record. */
  readonly endRecordStart: number;
  /** The offset behind the comment of the end record. */
  readonly archiveEnd: number;
}

/** The bytes at the end of the file; `at` is the offset of the first one. */
export interface ArchiveTail {
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * Yields every possible location of the directory, from the last end record to the first. This function sees only the
 * end of the file, so the caller has to check whether a directory really starts there.
 */
export function* directoryCandidates(tail: ArchiveTail): Generator<EndCandidate> {
  const { bytes } = tail;
  for (let at = bytes.length - END_BYTES; at >= 0; at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== END) continue;
    const archiveEnd = tail.at + at + END_BYTES + bytes.readUInt16LE(at + 20);
    const wide = readEnd64(tail, at);
    if (wide !== undefined) yield* candidatesOf(wide, tail.at + wide.at, archiveEnd);
    yield* candidatesOf(readEnd(bytes, at), tail.at + at, archiveEnd);
  }
}

/** Returns true if there is an end record, even one without any possible directory. */
export function hasEndRecord({ bytes }: ArchiveTail): boolean {
  const at = bytes.indexOf('PK\x05\x06', 0, 'latin1');
  return at >= 0 && at + END_BYTES <= bytes.length;
}

interface EndRecord {
  readonly length: number;
  readonly offset: number;
  readonly multiDisk: boolean;
}

function readEnd(bytes: Buffer, at: number): EndRecord {
  const disk = bytes.readUInt16LE(at + 4);
  const directoryDisk = bytes.readUInt16LE(at + 6);
  return {
    length: bytes.readUInt32LE(at + 12),
    offset: bytes.readUInt32LE(at + 16),
    multiDisk: (disk !== 0 && disk !== 0xffff) || (directoryDisk !== 0 && directoryDisk !== 0xffff),
  };
}

/** Returns the ZIP64 record for the end record at `at`. It exists only if a field of the end record has its maximum. */
function readEnd64(tail: ArchiveTail, at: number): (EndRecord & { at: number }) | undefined {
  const { bytes } = tail;
  const saturated =
    bytes.readUInt16LE(at + 8) === 0xffff ||
    bytes.readUInt16LE(at + 10) === 0xffff ||
    bytes.readUInt32LE(at + 12) === 0xffffffff ||
    bytes.readUInt32LE(at + 16) === 0xffffffff;
  const locator = at - LOCATOR_BYTES;
  if (!saturated || locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR) return undefined;
  // First, the offset in the locator is tried. This offset is wrong if there are bytes in front of the archive,
  // because it does not include them. Then the ZIP64 record is expected directly before the locator.
  for (const record of [Number(bytes.readBigUInt64LE(locator + 8)) - tail.at, locator - END64_BYTES]) {
    if (record < 0 || record + END64_BYTES > locator || bytes.readUInt32LE(record) !== END64) continue;
    return {
      at: record,
      length: Number(bytes.readBigUInt64LE(record + 40)),
      offset: Number(bytes.readBigUInt64LE(record + 48)),
      multiDisk: bytes.readUInt32LE(record + 16) !== 0 || bytes.readUInt32LE(record + 20) !== 0,
    };
  }
  return undefined;
}

/**
 * Yields at most two candidates. In the first one, the central directory ends at the start of the end record. In the
 * second one, the central directory has the offset and length that the end record names. ZIP64 records may follow this
 * directory, even if the end record does not refer to them.
 */
function* candidatesOf(
  { length, offset, multiDisk }: EndRecord,
  endRecordStart: number,
  archiveEnd: number,
): Generator<EndCandidate> {
  const start = endRecordStart - length;
  const common = { length, multiDisk, endRecordStart, archiveEnd };
  if (start >= 0 && start - offset >= 0) yield { start, shift: start - offset, ...common };
  if (offset !== start && offset + length <= endRecordStart) yield { start: offset, shift: 0, ...common };
}

/** Returns true if ZIP64 records start here. */
export function isZip64Record(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const signature = bytes.readUInt32LE(0);
  return signature === END64 || signature === LOCATOR;
}
