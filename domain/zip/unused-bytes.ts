import { FORMAT_BYTES, identifyFormat } from './file-format.ts';
import { findZipDirectory } from './find-zip-structure.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from './local-header.ts';

/** A file that can be read in any order. `read` returns the bytes from `start` to `end`, which lie within the file. */
export interface ArchiveFile {
  readonly size: number;
  read(start: number, end: number): Promise<Buffer>;
}

/** Bytes of the file that belong to no entry, and are no archive either. `end` is exclusive. */
export interface UnusedBytes {
  readonly start: number;
  readonly end: number;
}

export type Read = ArchiveFile['read'];

/** The reason for which a file cannot be read as one archive. `why` is the end of a message. */
export class ArchiveProblem extends Error {
  readonly type: string;
  readonly why: string;

  constructor(type: string, why: string) {
    super(why);
    this.type = type;
    this.why = why;
  }
}

/** The search for another archive reads bytes that belong to no entry, in slices of this size. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** Slices overlap by this many bytes, so that a header at their border is found. */
const OVERLAP_BYTES = 4_096 + 46;

/** No self-extractor is larger than this. A search of more bytes would take too long. */
export const MAX_UNUSED_BYTES = 256 * 1024 * 1024;

/**
 * The smallest archive with an entry: a local header, a directory record and an end record, with a name of one byte.
 */
export const SMALLEST_ARCHIVE_BYTES = 30 + 46 + 22 + 2;

/** The range between an entry's local header and the next entry or the directory. */
export interface PossibleGap {
  /** The offset of the local header. */
  readonly start: number;
  /** Compressed bytes of the entry. */
  readonly compressed: number;
  readonly end: number;
}

/**
 * Returns the gaps behind these entries that are large enough for an archive. Throws `ArchiveProblem` if a gap contains
 * an archive. Entries that overlap have no gap; the plan rejects them.
 */
export async function findGaps(possible: readonly PossibleGap[], read: Read): Promise<UnusedBytes[]> {
  const gaps: UnusedBytes[] = [];
  for (const { start, compressed, end } of possible) {
    const header = localHeaderLength(await read(start, start + LOCAL_HEADER_BYTES), 0);
    // The extraction reports a missing header, with the name of the entry.
    if (header === undefined) continue;
    const gap = { start: start + header + compressed, end };
    if (gap.end - gap.start < SMALLEST_ARCHIVE_BYTES) continue;
    let isStart = true;
    const archive = await searchRange(read, gap, (bytes) => {
      if (isStart) rejectContainer(bytes, gap.start);
      isStart = false;
      return findZipDirectory(bytes);
    });
    if (archive !== undefined) {
      throw new ArchiveProblem(
        'CorruptArchive',
        `another archive lies between its entries, at byte ${archive}, which its central directory does not list`,
      );
    }
    gaps.push(gap);
  }
  return gaps.sort((a, b) => a.start - b.start);
}

/** Throws `ArchiveProblem` if a gap that starts with these bytes is an archive of another format. */
function rejectContainer(bytes: Buffer, at: number): void {
  const format = identifyFormat(bytes.subarray(0, FORMAT_BYTES));
  if (!format?.isContainer) return;
  throw new ArchiveProblem(
    'CorruptArchive',
    `${format.name} lies between its entries, at byte ${at}, which its central directory does not list`,
  );
}

/**
 * Returns the offset, in the file, of the first match of `find` within a range; undefined if there is no match. Throws
 * `ArchiveProblem` if the range is larger than `MAX_UNUSED_BYTES`.
 */
export async function searchRange(
  read: Read,
  { start, end }: UnusedBytes,
  find: (bytes: Buffer) => number | undefined,
): Promise<number | undefined> {
  if (end - start > MAX_UNUSED_BYTES) {
    throw new ArchiveProblem(
      'CorruptArchive',
      `${end - start} bytes from byte ${start} on belong to no entry; at most ${MAX_UNUSED_BYTES} are accepted`,
    );
  }
  for (let at = start; at < end; at += SLICE_BYTES) {
    const found = find(await read(at, Math.min(at + SLICE_BYTES + OVERLAP_BYTES, end)));
    if (found !== undefined) return at + found;
  }
  return undefined;
}
