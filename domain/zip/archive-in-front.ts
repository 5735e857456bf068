import { findSuffix, isOnlyPadding, readTail } from './archive-end.ts';
import { ArchiveProblem } from './archive-file.ts';
import { type ArchiveTail, directoryCandidates, type EndCandidate } from './directory-end.ts';
import { CorruptDirectory, readDirectory } from './directory-record.ts';
import type { FileSearch } from './file-search.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from './local-header.ts';

/** The longest directory record. */
const MAX_RECORD_BYTES = 46 + 3 * 65_535;

/** At most this many end records are tried. */
const MAX_CANDIDATES = 100;

/**
 * Returns true if the bytes of a file from 0 to `end` end with an archive. Such an archive has an end record that
 * points to a directory. The first entry of the directory exists. No other archive begins behind the archive. Other
 * bytes may be in front of it.
 */
export async function endsWithArchive(end: number, search: FileSearch): Promise<boolean> {
  const tail = await readTail({ size: end, read: search.read });
  await search.count(tail.bytes.length);
  let tried = 0;
  for (const candidate of directoryCandidates(tail)) {
    if (++tried > MAX_CANDIDATES) return false;
    if (candidate.multiDisk) continue;
    const isArchive =
      candidate.length === 0
        ? candidate.start === 0 && isOnlyPadding(tail, candidate.archiveEnd)
        : await hasFirstEntry(candidate, search);
    if (isArchive && !isFollowedByArchive(tail, candidate, end)) return true;
  }
  return false;
}

function isFollowedByArchive(tail: ArchiveTail, { archiveEnd }: EndCandidate, end: number): boolean {
  try {
    findSuffix(tail, archiveEnd, end);
    return false;
  } catch (error) {
    if (error instanceof ArchiveProblem) return true;
    throw error;
  }
}

async function hasFirstEntry({ start, length, shift }: EndCandidate, search: FileSearch): Promise<boolean> {
  const bytes = await search.read(start, start + Math.min(length, MAX_RECORD_BYTES));
  await search.count(bytes.length);
  const offset = firstOffset(bytes);
  if (offset === undefined || offset + shift + LOCAL_HEADER_BYTES > start) return false;
  const header = await search.read(offset + shift, offset + shift + LOCAL_HEADER_BYTES);
  return localHeaderLength(header, 0) !== undefined;
}

/** Returns the offset of the first entry of a directory; undefined if there is no entry. */
function firstOffset(bytes: Buffer): number | undefined {
  try {
    const [record] = readDirectory(bytes);
    return record?.localOffset;
  } catch (error) {
    if (error instanceof CorruptDirectory) return undefined;
    throw error;
  }
}
