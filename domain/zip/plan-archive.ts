import { InvalidInput } from '../errors.ts';
import type { PartLimits, UnzipLimits } from '../unzip/limits.ts';
import { entryKindOf, findEntryProblem } from './check-entry.ts';
import type { DirectoryCandidate } from './directory-end.ts';
import { CorruptDirectory, readDirectory } from './directory-record.ts';
import type { Charset } from './entry-charset.ts';
import { LEAVES_FOLDER } from './entry-name.ts';
import {
  detectEntryNameRules,
  type EntryNameRules,
  entryNameReader,
  quotedEntryName,
} from './entry-name-rules.ts';
import { FileTable } from './file-table.ts';
import { type Part, splitParts } from './split-parts.ts';

/** A plan with more parts would not fit into a run's history. */
const MAX_PARTS = 8_000;

/** An entry that is not extracted, and why. */
export interface SkippedEntry {
  readonly name: string;
  readonly reason: string;
}

export interface ArchivePlan {
  readonly naming: EntryNameRules;
  readonly files: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  readonly skipped: readonly SkippedEntry[];
  /**
   * The directory sorted by data offset, without replaced duplicates. The parts are slices of this directory. Undefined
   * if the archive's own directory can be used, which is the usual case.
   */
  readonly reordered: Buffer | undefined;
}

export interface PlanInput {
  /** The name of the archive in messages: `archive oss://bucket/key`. */
  readonly subject: string;
  readonly base: string;
  readonly destination: string;
  readonly directory: Buffer;
  readonly candidate: DirectoryCandidate;
  readonly limits: UnzipLimits;
  readonly budget: PartLimits;
  readonly charset: Charset;
}

/**
 * Plans an archive from its central directory alone: checks every entry, and splits the files into parts. Throws
 * `InvalidInput`, with a class and a message that names the entry, if the archive cannot be extracted completely and
 * safely.
 */
export function planArchive(input: PlanInput): ArchivePlan {
  const { subject, directory, limits } = input;
  if (input.candidate.multiDisk)
    throw new InvalidInput('MultiDisk', `${subject}: it is one file of a split archive`);
  try {
    const naming = detectEntryNameRules(() => readDirectory(directory), input.base, input.charset);
    const { table, skipped } = checkEntries(input, naming);
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
    return { naming, files: table.length, bytes: table.bytes, parts, skipped, reordered };
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

function checkEntries(
  input: PlanInput,
  naming: EntryNameRules,
): { table: FileTable; skipped: SkippedEntry[] } {
  const { subject, destination, candidate, limits } = input;
  const readName = entryNameReader(naming);
  const table = new FileTable(input.directory.length);
  const skipped: SkippedEntry[] = [];
  let entries = 0;
  for (const record of readDirectory(input.directory)) {
    if (++entries > limits.entries) {
      throw new InvalidInput('LimitExceeded', `${subject}: it has more than ${limits.entries} entries`);
    }
    const reject = (type: string, why: string): never => {
      throw new InvalidInput(type, `${subject}: entry ${quotedEntryName(record, naming.charset)} ${why}`);
    };
    const verdict = readName(record);
    if ('refused' in verdict) {
      return reject(
        'UnsafeName',
        verdict.refused === LEAVES_FOLDER ? `would leave ${destination}` : verdict.refused,
      );
    }
    const kind = entryKindOf(record, verdict.isDirectory);
    if (kind === 'directory') continue;
    if (kind === 'symlink') {
      skipped.push({ name: verdict.path, reason: 'symlink' });
      continue;
    }
    const placed = { ...record, localOffset: record.localOffset + candidate.shift };
    const problem = findEntryProblem(placed, {
      key: destination + verdict.path,
      depth: verdict.path.split('/').length - 1,
      dataLimit: candidate.start,
      limits,
    });
    if (problem !== undefined) reject(problem.type, problem.why);
    if (table.add(placed, verdict.path)) skipped.push({ name: verdict.path, reason: 'duplicate' });
  }
  return { table, skipped };
}

function entryName(directory: Buffer, at: number, naming: EntryNameRules): string {
  const [record] = readDirectory(directory.subarray(at));
  return record === undefined ? '?' : quotedEntryName(record, naming.charset);
}
