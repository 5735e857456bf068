import { ArchiveProblem, type UnusedBytes } from './archive-file.ts';
import { FORMAT_BYTES, identifyFormat } from './file-format.ts';
import type { FileSearch, Match } from './file-search.ts';
import { findZipDirectory } from './find-zip-structure.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from './local-header.ts';

/**
 * The smallest archive with an entry: a local header, a directory record and an end record, with a name of one byte.
 */
export const SMALLEST_ARCHIVE_BYTES = 30 + 46 + 22 + 2;

/** The range from an entry's local header to the next entry or to the directory. It may end with a gap. */
export interface PossibleGap {
  readonly headerAt: number;
  /** Compressed bytes of the entry. */
  readonly compressed: number;
  readonly end: number;
}

/**
 * Returns the gaps behind these entries, without gaps too small for an archive. Throws `ArchiveProblem` if a gap
 * contains an archive. Overlapping entries have no gap; the plan rejects such entries.
 */
export async function findGaps(possible: readonly PossibleGap[], search: FileSearch): Promise<UnusedBytes[]> {
  const gaps: UnusedBytes[] = [];
  for (const { headerAt, compressed, end } of possible) {
    const header = localHeaderLength(await search.read(headerAt, headerAt + LOCAL_HEADER_BYTES), 0);
    // The extraction reports a missing header, with the name of the entry.
    if (header === undefined) continue;
    const gap = { start: headerAt + header + compressed, end };
    if (gap.end - gap.start < SMALLEST_ARCHIVE_BYTES) continue;
    let isStart = true;
    const archive = await search.first(gap, (bytes): Match | undefined => {
      if (isStart) rejectContainer(bytes, gap.start);
      isStart = false;
      return findZipDirectory(bytes);
    });
    if (archive !== undefined) {
      throw new ArchiveProblem(
        'CorruptArchive',
        `another archive lies between its entries, at byte ${archive.at}, which its central directory does not list`,
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
