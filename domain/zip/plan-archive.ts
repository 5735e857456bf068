import { InvalidInput } from '../errors.ts';
import { foldersOf } from '../unzip/claim.ts';
import type { PartLimits, UnzipLimits } from '../unzip/limits.ts';
import { findDepthProblem, findEntryProblem } from './check-entry.ts';
import type { DirectoryCandidate } from './directory-end.ts';
import { CorruptDirectory, type DirectoryRecord, readDirectory } from './directory-record.ts';
import { LEAVES_FOLDER } from './entry-name.ts';
import {
  detectEntryNameRules,
  type EntryNameRules,
  entryActionReader,
  type NameOptions,
  quotedEntryName,
  type SkipReason,
} from './entry-name-rules.ts';
import { FileTable } from './file-table.ts';
import { FolderTracker } from './folder-tracker.ts';
import { entryName, nameInArchive } from './name-at.ts';
import { RejectedEntries } from './rejected-entries.ts';
import { type Part, type PlacedFile, splitParts } from './split-parts.ts';
import { hasUnknownSize } from './wrapped-sizes.ts';

/** A plan with more parts would not fit into a run's history. */
const MAX_PARTS = 8_000;

/** A manifest lists at most this many skipped entries. */
const MAX_LISTED_SKIPPED = 1_000;
/** No more skipped entries are listed after the list has this size. */
const MAX_SKIPPED_BYTES = 1024 * 1024;

/** An entry that is not extracted, and why. `name` is the name in the archive. */
export interface SkippedEntry {
  readonly name: string;
  readonly reason: SkipReason;
}

export interface ArchivePlan {
  readonly naming: EntryNameRules;
  readonly files: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  /** The first skipped entries; `skippedCount` is the number of all. */
  readonly skipped: readonly SkippedEntry[];
  readonly skippedCount: number;
  /** The number of folders without any file or folder. They are not extracted, because OSS has no folders. */
  readonly emptyFolders: number;
  /** The folders that get files; null if there are too many to list. */
  readonly folders: readonly string[] | null;
  /**
   * The directory sorted by data offset, without replaced duplicates. The parts are slices of this directory. Undefined
   * if the archive's own directory can be used, which is the usual case.
   */
  readonly sortedDirectory: Buffer | undefined;
}

export interface PlanInput {
  /** The name of the archive in messages: `archive oss://bucket/key`. */
  readonly subject: string;
  readonly base: string;
  readonly destination: string;
  readonly directory: Buffer;
  readonly candidate: Pick<DirectoryCandidate, 'start' | 'length' | 'shift'>;
  readonly limits: UnzipLimits;
  readonly budget: PartLimits;
  readonly names: NameOptions;
}

export interface UnmeasuredInput extends PlanInput {
  /** True if `unwrapDirectory` returned the directory. */
  readonly wrapped: boolean;
}

/** The files whose sizes must be measured before the archive can be planned, in the order of their data. */
export interface UnknownSizes {
  readonly filesOfUnknownSize: readonly PlacedFile[];
  /** The limits allow at most this many bytes for all files together. */
  readonly maxBytes: number;
}

/**
 * Plans an archive from its central directory alone: checks every entry, and splits the files into parts. Throws
 * `InvalidInput` if the archive cannot be extracted completely and safely. If entries are the cause, the message names
 * them.
 */
export function planArchive(input: PlanInput): ArchivePlan {
  return withCorruptDirectory(input, () => {
    const naming = detectEntryNameRules(() => readDirectory(input.directory), input.base, input.names);
    return planChecked(input, naming, checkEntries(input, naming));
  });
}

/**
 * If the directory may have sizes modulo 2^32, returns the files with such sizes. Otherwise does the same as
 * `planArchive`. The returned files share no bytes with other files, so no byte of the archive is measured twice.
 */
export function planOrListUnmeasuredFiles(input: UnmeasuredInput): ArchivePlan | UnknownSizes {
  return withCorruptDirectory(input, () => {
    const { directory, wrapped } = input;
    const naming = detectEntryNameRules(() => readDirectory(directory), input.base, input.names);
    const isUnknown = (record: DirectoryRecord): boolean => hasUnknownSize(record, directory, { wrapped });
    const checked = checkEntries(input, naming, isUnknown);
    if (!checked.hasUnknownSizes) return planChecked(input, naming, checked);
    checkTable(checked.table, input, naming);
    const filesOfUnknownSize: PlacedFile[] = [];
    for (const file of checked.table.files()) {
      const [record] = readDirectory(directory.subarray(file.recordAt, file.recordAt + file.recordLength));
      if (record !== undefined && isUnknown({ ...record, at: file.recordAt })) filesOfUnknownSize.push(file);
    }
    return { filesOfUnknownSize, maxBytes: maxTotalBytes(input) };
  });
}

function withCorruptDirectory<T>({ subject }: PlanInput, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CorruptDirectory)
      throw new InvalidInput('CorruptArchive', `${subject}: ${error.message}`, { cause: error });
    throw error;
  }
}

function planChecked(
  input: PlanInput,
  naming: EntryNameRules,
  { table, hasUnknownSizes: _, ...checked }: CheckedEntries,
): ArchivePlan {
  const { subject, directory } = input;
  checkTable(table, input, naming);
  const reordered = table.isInOrder() ? undefined : table.reorder(directory);
  const parts = [
    ...splitParts(table.files(), {
      budget: input.budget,
      dataLimit: input.candidate.start,
      totalInput: table.compressedBytes,
      totalOutput: table.bytes,
    }),
  ];
  if (parts.length > MAX_PARTS) {
    throw new InvalidInput(
      'LimitExceeded',
      `${subject}: its files are too far apart: they need ${parts.length} parts, but the limit is ${MAX_PARTS}`,
    );
  }
  return { naming, files: table.length, bytes: table.bytes, parts, ...checked, sortedDirectory: reordered };
}

/** Throws if the files together exceed a limit, or if two of them share bytes. */
function checkTable(table: FileTable, input: PlanInput, naming: EntryNameRules): void {
  const { subject, directory, candidate, limits } = input;
  const exceed = (why: string): never => {
    throw new InvalidInput('LimitExceeded', `${subject}: ${why}`);
  };
  if (table.bytes > limits.totalBytes)
    exceed(`its files have ${table.bytes} bytes, but the limit is ${limits.totalBytes}`);
  if (table.bytes > maxTotalBytes(input)) {
    exceed(`its files are more than ${limits.ratio} times as large as the archive`);
  }
  if (table.compressedBytes > candidate.start) {
    throw new InvalidInput(
      'OverlappingEntries',
      `${subject}: its entries declare more compressed bytes than the archive has`,
    );
  }
  table.checkOverlaps((at) => entryName(directory, at, naming), subject);
}

/** Returns how many bytes all files together may have, uncompressed. */
const maxTotalBytes = ({ limits, candidate }: PlanInput): number =>
  Math.min(limits.totalBytes, Math.max(limits.ratioFromBytes, candidate.start * limits.ratio));

interface CheckedEntries {
  readonly table: FileTable;
  readonly skipped: SkippedEntry[];
  readonly skippedCount: number;
  readonly emptyFolders: number;
  readonly folders: readonly string[] | null;
  readonly hasUnknownSizes: boolean;
}

function checkEntries(
  input: PlanInput,
  naming: EntryNameRules,
  isUnknown: (record: DirectoryRecord) => boolean = () => false,
): CheckedEntries {
  const { subject, destination, candidate, limits } = input;
  const actionFor = entryActionReader(naming);
  const table = new FileTable(input.directory.length);
  const folders = new FolderTracker();
  const rejected = new RejectedEntries();
  const skipped: SkippedEntry[] = [];
  let skippedCount = 0;
  let skippedBytes = 0;
  const skip = (reason: SkipReason, nameOf: () => string): void => {
    if (++skippedCount > MAX_LISTED_SKIPPED || skippedBytes >= MAX_SKIPPED_BYTES) return;
    const entry = { name: nameOf(), reason };
    skipped.push(entry);
    skippedBytes += Buffer.byteLength(JSON.stringify(entry));
  };
  let hasUnknownSizes = false;
  let entries = 0;
  for (const record of readDirectory(input.directory)) {
    if (++entries > limits.entries) {
      throw new InvalidInput('LimitExceeded', `${subject}: it has more than ${limits.entries} entries`);
    }
    const entry = actionFor(record);
    const reject = (type: string, why: string): void =>
      rejected.add(type, why, () => quotedEntryName(record, naming, 100));
    switch (entry.action) {
      case 'reject':
        reject('UnsafeName', entry.why === LEAVES_FOLDER ? `would leave ${destination}` : entry.why);
        break;
      case 'folder': {
        const problem = findDepthProblem(entry.path.split('/').length, limits);
        if (problem !== undefined) reject(problem.type, problem.why);
        else folders.add(entry.path);
        break;
      }
      case 'skip':
        skip(entry.reason, () => entry.name);
        break;
      case 'extract': {
        const placed = { ...record, localOffset: record.localOffset + candidate.shift };
        const isSizeUnknown = isUnknown(record);
        const problem = findEntryProblem(placed, {
          key: destination + entry.path,
          depth: entry.path.split('/').length - 1,
          dataLimit: candidate.start,
          isSizeUnknown,
          limits,
        });
        if (problem !== undefined) {
          reject(problem.type, problem.why);
          break;
        }
        hasUnknownSizes ||= isSizeUnknown;
        const replaced = table.addOrReplace(placed, entry.path);
        if (replaced !== undefined) skip('duplicate', () => nameInArchive(input.directory, replaced, naming));
        break;
      }
      default:
        entry satisfies never;
    }
  }
  rejected.throwIfAny(subject);
  const emptyFolders = folders.countEmpty(table.paths());
  const folderList = foldersOf(table.paths());
  return { table, skipped, skippedCount, emptyFolders, folders: folderList, hasUnknownSizes };
}
