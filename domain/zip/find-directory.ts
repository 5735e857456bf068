import { InvalidInput } from '../errors.ts';
import { findSuffix, isOnlyPadding, readTail } from './archive-end.ts';
import { type ArchiveFile, ArchiveProblem, type Read, type UnusedBytes } from './archive-file.ts';
import { checkPrefix, cutOff } from './check-prefix.ts';
import { type ArchiveTail, directoryCandidates, type EndCandidate, findEndRecord } from './directory-end.ts';
import { CorruptDirectory } from './directory-record.ts';
import { FORMAT_BYTES, identifyFormat } from './file-format.ts';
import { FileSearch } from './file-search.ts';
import { findZipStructure, startsLikeSplitArchive } from './find-zip-structure.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from './local-header.ts';
import { type Summarize, summarizeDirectory } from './summarize-directory.ts';
import { findGaps } from './unused-bytes.ts';
import { isWrapped, unwrapDirectory } from './wrapped-sizes.ts';

/** The central directory of an archive. Outside the entries of this archive, the file contains no other archive. */
export interface FoundDirectory extends EndCandidate {
  readonly directory: Buffer;
  /**
   * The bytes in front of the archive, such as a self-extractor, and the gaps that `findGaps` returns. Also the bytes
   * behind the archive, unless they are padding or text.
   */
  readonly unused: readonly UnusedBytes[];
  /**
   * True if the directory in the file has offsets and sizes modulo 2^32. `directory` then has the real offsets and
   * compressed sizes, but the uncompressed sizes of deflated files are still modulo 2^32.
   */
  readonly wrapped: boolean;
}

const DIRECTORY_SIGNATURE_BYTES = Buffer.from('PK\x01\x02', 'latin1');

/**
 * After this many reads, no further end record is tried. A malicious file can hold thousands of end records, and each
 * of them may cost several requests.
 */
const MAX_READS = 100;

const NO_DIRECTORY = 'it is damaged or incomplete: its end record does not point to a central directory';

const DISPLACED = 'its central directory does not end where its end record begins';

const SPLIT = 'it is one file of a split archive';

export interface FindOptions {
  readonly maxDirectoryBytes: number;
  /** @default no limit */
  readonly maxEntries?: number;
  /** @default `summarizeDirectory` in this process */
  readonly summarize?: Summarize;
  /** Called between pieces of work of some milliseconds, so that other work of the process can run. */
  readonly pause?: () => Promise<void>;
  /** Waits until a directory of up to this many bytes may be read. Called at most once. */
  readonly admit?: (directoryBytes: number) => Promise<void>;
}

/**
 * Finds the central directory. A file can contain several end records: in its comment, in an archive that it holds, or
 * because archives were joined. A candidate is accepted only if it points to a directory whose first entry exists.
 * Also, no other archive may be in front of, between or behind the entries. Throws `InvalidInput` of type `NotAZip`,
 * `CorruptArchive`, `MultiDisk` or `LimitExceeded`, and says what the file is.
 */
export async function findDirectory(
  file: ArchiveFile,
  { subject, ...limits }: FindOptions & { readonly subject: string },
): Promise<FoundDirectory> {
  const found = await tryFindDirectory(file, limits);
  if (found instanceof ArchiveProblem) throw new InvalidInput(found.type, `${subject}: ${found.why}`);
  return found;
}

async function tryFindDirectory(
  file: ArchiveFile,
  options: FindOptions,
): Promise<FoundDirectory | ArchiveProblem> {
  if (file.size === 0) return new ArchiveProblem('NotAZip', 'it is empty (0 bytes)');
  const tail = await readTail(file);
  let failure: ArchiveProblem | undefined;
  let reads = 0;
  const counted: ArchiveFile = {
    size: file.size,
    read: (start, end) => {
      reads++;
      return file.read(start, end);
    },
  };
  const search = new FileSearch(readerWithTail(counted, tail), options.pause);
  await options.admit?.(largestDirectory(tail, options.maxDirectoryBytes));
  for (const candidate of directoryCandidates(tail)) {
    if (reads > MAX_READS) break;
    try {
      return await readCandidate(candidate, { ...options, fileSize: file.size, search, tail });
    } catch (error) {
      if (!(error instanceof ArchiveProblem)) throw error;
      // The first candidate is the last end record, which is the most likely one. So its failure is reported. If it
      // points to no directory, the failure of the next candidate is reported.
      if (failure === undefined || failure.why === NO_DIRECTORY) failure = error;
    }
  }
  const head = await file.read(0, Math.min(FORMAT_BYTES, file.size));
  const format = identifyFormat(head);
  if (format !== undefined) return new ArchiveProblem('NotAZip', `it is ${format.name}, not a zip archive`);
  if (failure !== undefined) return failure;
  const endRecord = findEndRecord(tail);
  if (endRecord === 'split') return new ArchiveProblem('MultiDisk', SPLIT);
  if (endRecord === 'whole') return new ArchiveProblem('CorruptArchive', NO_DIRECTORY);
  if (startsLikeSplitArchive(head)) return new ArchiveProblem('MultiDisk', SPLIT);
  if (findZipStructure(head) !== undefined) return cutOff(file.size);
  return new ArchiveProblem('NotAZip', 'it is not a zip archive: it has no end record');
}

/** Returns the length of the largest directory that may be read. */
function largestDirectory(tail: ArchiveTail, limit: number): number {
  let largest = 0;
  for (const { length } of directoryCandidates(tail))
    if (length <= limit) largest = Math.max(largest, length);
  return largest;
}

interface CandidateJob extends FindOptions {
  readonly fileSize: number;
  readonly search: FileSearch;
  readonly tail: ArchiveTail;
}

/** Reads the directory of a candidate. Throws `ArchiveProblem` if the candidate is not accepted. */
async function readCandidate(candidate: EndCandidate, job: CandidateJob): Promise<FoundDirectory> {
  const { fileSize, search, tail } = job;
  const { read } = search;
  if (candidate.length === 0) return await readEmptyArchive(candidate, job);
  const isDirectory = async (at: number): Promise<boolean> =>
    (await read(at, at + 4)).equals(DIRECTORY_SIGNATURE_BYTES);
  if (!(await isDirectory(candidate.start))) {
    const isDisplaced = await isDirectory(candidate.start - candidate.shift);
    throw new ArchiveProblem('CorruptArchive', isDisplaced ? DISPLACED : NO_DIRECTORY);
  }
  if (candidate.multiDisk) throw new ArchiveProblem('MultiDisk', SPLIT);
  if (candidate.length > job.maxDirectoryBytes) {
    const why = `its central directory has ${candidate.length} bytes, but the limit is ${job.maxDirectoryBytes}`;
    throw new ArchiveProblem('LimitExceeded', why);
  }
  await search.count(candidate.length);
  const wrapped = isWrapped(candidate.shift);
  const directory = await readDirectoryAt({ ...candidate, wrapped }, read);
  const shift = wrapped ? 0 : candidate.shift;
  const { maxEntries = Number.POSITIVE_INFINITY, summarize = summarizeDirectory } = job;
  const { entries, first, gaps } = await summarize(directory, {
    ...{ shift, directoryStart: candidate.start, maxEntries },
  });
  checkCount(candidate.count, entries);
  if (await hasNoHeaderAt(read, first, candidate.start)) {
    throw new ArchiveProblem(
      'CorruptArchive',
      `it is damaged or incomplete: its central directory says that an entry starts at byte ${first}, but none does`,
    );
  }
  const hasSuffix = !isOnlyPadding(tail, candidate.archiveEnd);
  if (first > 0) await checkPrefix({ end: first, fileSize, isCounted: shift === 0, hasSuffix }, search);
  const unused = [
    ...(first > 0 ? [{ start: 0, end: first }] : []),
    ...(await findGaps(gaps, search)),
    ...findSuffix(tail, candidate.archiveEnd, fileSize),
  ];
  return { ...candidate, shift, directory, unused, wrapped };
}

/**
 * Returns the directory that `findDirectory` has found, with the real offsets and compressed sizes. Throws
 * `ArchiveProblem` if the directory is damaged.
 */
export async function readDirectoryAt(
  { start, length, wrapped }: Pick<FoundDirectory, 'start' | 'length' | 'wrapped'>,
  read: Read,
): Promise<Buffer> {
  const bytes = await read(start, start + length);
  return wrapped ? await checkedDirectory(() => unwrapDirectory(bytes, read, start)) : bytes;
}

/** A declared count is modulo 65,536 in many archives, so only a directory with too few entries is rejected. */
function checkCount(declared: number, count: number): void {
  if (declared <= count || declared === 0xffff) return;
  throw new ArchiveProblem(
    'CorruptArchive',
    `its end record declares ${declared} entries, but its central directory has only ${count}`,
  );
}

/** An archive without entries is accepted only if the file contains nothing else. */
async function readEmptyArchive(candidate: EndCandidate, job: CandidateJob): Promise<FoundDirectory> {
  if (candidate.multiDisk) throw new ArchiveProblem('MultiDisk', SPLIT);
  if (candidate.start > 0)
    throw new ArchiveProblem('CorruptArchive', 'its end record says that it has no entries, but it has data');
  if (!isOnlyPadding(job.tail, candidate.archiveEnd)) {
    throw new ArchiveProblem(
      'CorruptArchive',
      'its end record says that it has no entries, but other data follows the end record',
    );
  }
  return { ...candidate, directory: Buffer.alloc(0), unused: [], wrapped: false };
}

/** Avoids requests for bytes that have been read already, and for bytes behind the end of the file. */
function readerWithTail(file: ArchiveFile, tail: ArchiveTail): Read {
  const tailEnd = tail.at + tail.bytes.length;
  return async (start, wantedEnd) => {
    const end = Math.min(wantedEnd, file.size);
    if (start >= end) return Buffer.alloc(0);
    return start >= tail.at && end <= tailEnd
      ? tail.bytes.subarray(start - tail.at, end - tail.at)
      : await file.read(start, end);
  };
}

/** Calls `readEntries`, and translates `CorruptDirectory`. */
async function checkedDirectory<T>(readEntries: () => Promise<T>): Promise<T> {
  try {
    return await readEntries();
  } catch (error) {
    if (error instanceof CorruptDirectory) throw new ArchiveProblem('CorruptArchive', error.message);
    throw error;
  }
}

async function hasNoHeaderAt(read: Read, at: number, limit: number): Promise<boolean> {
  if (at + LOCAL_HEADER_BYTES > limit) return true;
  return localHeaderLength(await read(at, at + LOCAL_HEADER_BYTES), 0) === undefined;
}
