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

/** If a field of the end record has this value, the ZIP64 record has the real value. */
const SATURATED = 0xffffffff;

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
  /** The 16-bit number of entries in the end record. */
  readonly count: number;
  /** The offset behind the comment of the end record. */
  readonly archiveEnd: number;
}

/** The bytes at the end of the file; `at` is the offset of the first one. */
export interface ArchiveTail {
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * Yields every possible location of the directory, from the last end record to the first. The directory ends directly
 * before the end record, or before its ZIP64 record: any other directory belongs to another archive. This function sees
 * only the end of the file, so the caller has to check whether a directory really starts there.
 */
export function* directoryCandidates(tail: ArchiveTail): Generator<EndCandidate> {
  const { bytes } = tail;
  for (let at = bytes.length - END_BYTES; at >= 0; at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== END) continue;
    const archiveEnd = tail.at + at + END_BYTES + bytes.readUInt16LE(at + 20);
    const end = readEnd(bytes, at);
    const wide = readEnd64(tail, at, end);
    if (wide !== undefined) yield* candidatesOf(wide, tail.at + wide.at, archiveEnd);
    yield* candidatesOf(end, tail.at + at, archiveEnd);
  }
}

/**
 * Returns `none` if there is no end record, and `split` if it is of a split archive. Also finds an end record without a
 * possible directory.
 */
export function findEndRecord({ bytes }: ArchiveTail): 'none' | 'whole' | 'split' {
  const at = bytes.lastIndexOf('PK\x05\x06', bytes.length - END_BYTES, 'latin1');
  if (at < 0 || bytes.length < END_BYTES) return 'none';
  return readEnd(bytes, at).multiDisk ? 'split' : 'whole';
}

interface EndRecord {
  readonly length: number;
  readonly offset: number;
  readonly count: number;
  readonly multiDisk: boolean;
}

function readEnd(bytes: Buffer, at: number): EndRecord {
  const disk = bytes.readUInt16LE(at + 4);
  const directoryDisk = bytes.readUInt16LE(at + 6);
  return {
    length: bytes.readUInt32LE(at + 12),
    offset: bytes.readUInt32LE(at + 16),
    count: bytes.readUInt16LE(at + 10),
    multiDisk: (disk !== 0 && disk !== 0xffff) || (directoryDisk !== 0 && directoryDisk !== 0xffff),
  };
}

/**
 * Returns the ZIP64 record of the end record `end` at `at`. Record, locator and end record follow each other directly. A
 * record that contradicts the end record is not used.
 */
function readEnd64(tail: ArchiveTail, at: number, end: EndRecord): (EndRecord & { at: number }) | undefined {
  const { bytes } = tail;
  const locator = at - LOCATOR_BYTES;
  if (locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR) return undefined;
  // First, the offset in the locator is tried. This offset is wrong if there are bytes in front of the archive,
  // because it does not include them. Then the ZIP64 record is expected directly before the locator.
  for (const record of [Number(bytes.readBigUInt64LE(locator + 8)) - tail.at, locator - END64_BYTES]) {
    if (record < 0 || record + END64_BYTES > locator || bytes.readUInt32LE(record) !== END64) continue;
    // Some tools write a wrong length into a record without further bytes.
    const recordEnd = record + 12 + Number(bytes.readBigUInt64LE(record + 4));
    if (recordEnd !== locator && record + END64_BYTES !== locator) continue;
    const length = Number(bytes.readBigUInt64LE(record + 40));
    const offset = Number(bytes.readBigUInt64LE(record + 48));
    if (end.length !== SATURATED && end.length !== length) return undefined;
    if (end.offset !== SATURATED && end.offset !== offset) return undefined;
    return {
      ...{ at: record, length, offset, count: end.count },
      multiDisk: bytes.readUInt32LE(record + 16) !== 0 || bytes.readUInt32LE(record + 20) !== 0,
    };
  }
  return undefined;
}

/** Yields the candidate whose directory ends at `end`, if the file has room for it. */
function* candidatesOf(
  { length, offset, count, multiDisk }: EndRecord,
  end: number,
  archiveEnd: number,
): Generator<EndCandidate> {
  const start = end - length;
  if (start < 0 || start < offset) return;
  yield { start, length, shift: start - offset, count, multiDisk, archiveEnd };
}
