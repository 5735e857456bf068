import { ArchiveProblem } from './archive-file.ts';
import { CorruptDirectory, type DirectoryLayout, readLayout } from './directory-record.ts';
import { type PossibleGap, SMALLEST_ARCHIVE_BYTES } from './unused-bytes.ts';

export interface SummaryOptions {
  /** Added to every offset in the directory. */
  readonly shift: number;
  /** Where the central directory starts in the file. */
  readonly directoryStart: number;
  readonly maxEntries: number;
}

/** What the search for other archives needs to know about a central directory. */
export interface DirectorySummary {
  readonly entries: number;
  /** The offset of the first local header. */
  readonly first: number;
  /**
   * The ranges behind entries, without ranges too small for an archive. At most the 1,000 largest, the largest first.
   */
  readonly gaps: readonly PossibleGap[];
}

export type Summarize = (
  directory: Buffer,
  options: SummaryOptions,
) => DirectorySummary | Promise<DirectorySummary>;

/** At most this many gaps are searched. Each of them costs at least two requests. */
const MAX_GAPS = 1_000;

/**
 * Reads a whole central directory. For millions of entries, this takes seconds.
 * @throws ArchiveProblem if the directory is inconsistent or has too many entries
 */
export function summarizeDirectory(
  directory: Buffer,
  { shift, directoryStart, maxEntries }: SummaryOptions,
): DirectorySummary {
  const { starts, compressed, minEnds } = sortedByStart(checkedLayout(directory, shift, maxEntries));
  const nextStart = (row: number): number => starts[row + 1] ?? directoryStart;
  const lengthAfter = (row: number): number => nextStart(row) - (minEnds[row] ?? 0);
  const rows: number[] = [];
  for (let row = 0; row < starts.length; row++)
    if (lengthAfter(row) >= SMALLEST_ARCHIVE_BYTES) rows.push(row);
  rows.sort((a, b) => lengthAfter(b) - lengthAfter(a));
  const gaps = rows
    .slice(0, MAX_GAPS)
    .map((row) => ({ headerAt: starts[row] ?? 0, compressed: compressed[row] ?? 0, end: nextStart(row) }));
  return { entries: starts.length, first: starts[0] ?? 0, gaps };
}

function checkedLayout(directory: Buffer, shift: number, maxEntries: number): DirectoryLayout {
  try {
    const layout = readLayout(directory, shift, maxEntries);
    if (layout.starts.length <= maxEntries) return layout;
  } catch (error) {
    if (!(error instanceof CorruptDirectory)) throw error;
    throw new ArchiveProblem('CorruptArchive', error.message);
  }
  throw new ArchiveProblem('LimitExceeded', `it has more than ${maxEntries} entries`);
}

/** Returns where the entries are, in the order of their data. */
function sortedByStart(layout: DirectoryLayout): DirectoryLayout {
  const { starts, compressed, minEnds } = layout;
  if (starts.every((start, row) => row === 0 || start >= (starts[row - 1] ?? 0))) return layout;
  const order = Uint32Array.from(starts.keys()).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  const pick = (column: Float64Array): Float64Array => Float64Array.from(order, (row) => column[row] ?? 0);
  return { starts: pick(starts), compressed: pick(compressed), minEnds: pick(minEnds) };
}
