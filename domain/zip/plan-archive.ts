import { InvalidInput } from '../errors.ts';
import { foldersOf } from '../unzip/claim.ts';
import type { PartLimits, UnzipLimits } from '../unzip/limits.ts';
import { findDepthProblem, findEntryProblem } from './check-entry.ts';
import type { DirectoryCandidate } from './directory-end.ts';
import { CorruptDirectory, readDirectory } from './directory-record.ts';
import { LEAVES_FOLDER } from './entry-name.ts';
import {
  detectEntryNameRules,
  type EntryNameRules,
  entryActionReader,
  filesToExtract,
  type NameOptions,
  quotedEntryName,
  type SkipReason,
} from './entry-name-rules.ts';
import { FileTable } from './file-table.ts';
import { type Part, splitParts } from './split-parts.ts';

/** A plan with more parts would not fit into a run's history. */
const MAX_PARTS = 8_000;

/** A manifest lists at most this many skipped entries. */
const MAX_LISTED_SKIPPED = 1_000;

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

/**
 * Plans an archive from its central directory alone: checks every entry, and splits the files into parts. Throws
 * `InvalidInput`, with a class and a message that names the entry, if the archive cannot be extracted completely and
 * safely.
 */
export function planArchive(input: PlanInput): ArchivePlan {
  const { subject, directory, limits } = input;
  try {
    const naming = detectEntryNameRules(() => readDirectory(directory), input.base, input.names);
    const { table, ...checked } = checkEntries(input, naming);
    checkTotals(table, input);
    table.checkOverlaps((at) => entryName(directory, at, naming), subject);
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
  } catch (error) {
    if (error instanceof CorruptDirectory)
      throw new InvalidInput('CorruptArchive', `${subject}: ${error.message}`, { cause: error });
    throw error;
  }

  function checkTotals(table: FileTable, { candidate }: PlanInput): void {
    const exceed = (why: string): never => {
      throw new InvalidInput('LimitExceeded', `${subject}: ${why}`);
    };
    if (table.bytes > limits.totalBytes)
      exceed(`its files have ${table.bytes} bytes, but the limit is ${limits.totalBytes}`);
    if (table.bytes > limits.ratioFromBytes && table.bytes > candidate.start * limits.ratio) {
      exceed(`its files are more than ${limits.ratio} times as large as the archive`);
    }
    if (table.compressedBytes > candidate.start) {
      throw new InvalidInput(
        'OverlappingEntries',
        `${subject}: its entries declare more compressed bytes than the archive has`,
      );
    }
  }
}

/** A failure names at most this many entries. */
const MAX_NAMED_ENTRIES = 20;

/** Collects the entries that cannot be extracted, so that one failure names all of them. */
class RejectedEntries {
  readonly #named: { readonly name: string; readonly why: string }[] = [];
  #type: string | undefined;
  #rejectedCount = 0;

  add(type: string, why: string, nameOf: () => string): void {
    this.#type ??= type;
    this.#rejectedCount++;
    if (this.#named.length < MAX_NAMED_ENTRIES) this.#named.push({ name: nameOf(), why });
  }

  /** Throws `InvalidInput` of the first entry's type if there is any rejected entry. */
  throwIfAny(subject: string): void {
    if (this.#type === undefined) return;
    const byReason = new Map<string, string[]>();
    for (const { name, why } of this.#named) byReason.set(why, [...(byReason.get(why) ?? []), name]);
    const texts = [...byReason].map(([why, names]) =>
      names.length === 1
        ? `entry ${names[0]} ${why}`
        : `${names.length} entries: each ${why}: ${names.join(', ')}`,
    );
    const more = this.#rejectedCount - this.#named.length;
    if (more > 0) texts.push(`and ${more} more`);
    throw new InvalidInput(this.#type, `${subject}: ${texts.join('; ')}`);
  }
}

interface CheckedEntries {
  readonly table: FileTable;
  readonly skipped: SkippedEntry[];
  readonly skippedCount: number;
  readonly emptyFolders: number;
  readonly folders: readonly string[] | null;
}

function checkEntries(input: PlanInput, naming: EntryNameRules): CheckedEntries {
  const { subject, destination, candidate, limits } = input;
  const actionFor = entryActionReader(naming);
  const table = new FileTable(input.directory.length);
  const folders = new FolderTracker();
  const rejected = new RejectedEntries();
  const skipped: SkippedEntry[] = [];
  let skippedCount = 0;
  const skip = (reason: SkipReason, nameOf: () => string): void => {
    if (++skippedCount <= MAX_LISTED_SKIPPED) skipped.push({ name: nameOf(), reason });
  };
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
        const problem = findEntryProblem(placed, {
          key: destination + entry.path,
          depth: entry.path.split('/').length - 1,
          dataLimit: candidate.start,
          limits,
        });
        if (problem !== undefined) {
          reject(problem.type, problem.why);
          break;
        }
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
  return { table, skipped, skippedCount, emptyFolders, folders: foldersOf(table.paths()) };
}

/** Counts the empty folders. */
class FolderTracker {
  readonly #folders = new Set<string>();

  add(path: string): void {
    if (path !== '') this.#folders.add(path);
  }

  /** Counts folders without files and without folders, because only the innermost of nested empty folders counts. */
  countEmpty(paths: Iterable<string>): number {
    if (this.#folders.size === 0) return 0;
    const used = new Set<string>();
    const use = (path: string): void => {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const folder = path.slice(0, at);
        if (used.has(folder)) return;
        used.add(folder);
      }
    };
    for (const path of paths) use(path);
    for (const folder of this.#folders) use(folder);
    let empty = 0;
    for (const folder of this.#folders) if (!used.has(folder)) empty++;
    return empty;
  }
}

/** Returns the name in the archive of a file to extract. */
function nameInArchive(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [file] = filesToExtract(directory.subarray(at), naming);
  return file === undefined ? '?' : (file.name ?? naming.strip + file.path);
}

function entryName(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [record] = readDirectory(directory.subarray(at));
  return record === undefined ? '?' : quotedEntryName(record, naming);
}
