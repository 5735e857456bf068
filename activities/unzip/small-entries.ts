import { Readable } from 'node:stream';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { type Archive, archiveLabel, type PlanReport } from '../../domain/unzip/archive.ts';
import { smallLimits } from '../../domain/unzip/limits.ts';
import { crc32Hex, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { DirectoryRecord } from '../../domain/zip/directory-record.ts';
import { quotedEntryName } from '../../domain/zip/entry-name-rules.ts';
import { type FoundDirectory, findDirectory } from '../../domain/zip/find-directory.ts';
import { type ArchivePlan, planOrListUnmeasuredFiles } from '../../domain/zip/plan-archive.ts';
import {
  CHUNK_BYTES,
  locateData,
  readSmallContent,
  SMALL_FILE_BYTES,
  streamLargeContent,
  withEntryName,
} from './entry-data.ts';
import { filesInTurns } from './files-in-turns.ts';
import { SMALL_DIRECTORY_BYTES } from './plan-in-child-process.ts';
import { createContentStorer } from './store-content.ts';
import { pauseBetweenTurns, Turn } from './turn.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The maximum number of concurrent writes of one small archive. */
const PARALLEL_WRITES = 8;

/** A streamed entry needs about this much memory. */
const STREAM_BYTES = 1024 * 1024;

/** A small archive in memory, within the limits for small archives. */
export interface SmallArchive {
  readonly archive: Archive;
  readonly bytes: Buffer;
  readonly plan: ArchivePlan;
  readonly entries: readonly SmallEntry[];
  readonly report: PlanReport;
}

/** A file of the archive, and the object to write. */
interface SmallEntry {
  readonly record: DirectoryRecord;
  readonly object: Omit<WrittenObject, 'crc64'>;
}

/**
 * Plans an archive in memory. Returns undefined if it exceeds a limit for small archives, or may do so. Throws the same
 * errors as the plan of a large one.
 */
export async function planSmallArchive(
  { limits, partLimits, names }: UnzipDeps,
  archive: Archive,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<SmallArchive | undefined> {
  const subject = archiveLabel(archive);
  const found = await findSmallDirectory({ subject, bytes, limits }, signal);
  if (found === undefined) return undefined;
  const { directory, unused, start, length, shift } = found;
  const { base, destination } = archive;
  const plan = planOrListUnmeasuredFiles({
    ...{ subject, base, destination, directory, limits, wrapped: false },
    candidate: { start, length, shift },
    budget: partLimits,
    names: { ...names, ...archive.names },
  });
  // A file may have more than 4 GiB, with its size modulo 2^32 in the directory.
  if ('filesOfUnknownSize' in plan) return undefined;
  if (plan.files > smallLimits.files || plan.bytes > smallLimits.unpackedBytes) return undefined;
  const entries: SmallEntry[] = [];
  for await (const { record, path, name } of filesInTurns(plan.sortedDirectory ?? directory, plan.naming)) {
    const object = { key: destination + path, size: record.size, crc32: crc32Hex(record.crc32) };
    entries.push({
      record: { ...record, localOffset: record.localOffset + shift },
      object: name === undefined ? object : { ...object, name },
    });
  }
  const report = {
    emptyFolders: plan.emptyFolders,
    ...(plan.skippedCount > plan.skipped.length ? { skippedCount: plan.skippedCount } : {}),
    ...(unused.length > 0 ? { unused } : {}),
  };
  return { archive, bytes, plan, entries, report };
}

/**
 * Returns undefined if the archive may have a large directory. While a small archive waits, it keeps memory that other
 * small archives need. So it never waits for a planning process.
 */
async function findSmallDirectory(
  { subject, bytes, limits }: Pick<SmallArchive, 'bytes'> & Pick<UnzipDeps, 'limits'> & { subject: string },
  signal: AbortSignal,
): Promise<FoundDirectory | undefined> {
  const source = {
    size: bytes.length,
    read: async (start: number, end: number) => bytes.subarray(start, end),
  };
  const admit = async (directoryBytes: number): Promise<void> => {
    if (directoryBytes > SMALL_DIRECTORY_BYTES) throw new LargeDirectory();
  };
  try {
    return await findDirectory(source, {
      ...{ subject, maxDirectoryBytes: limits.directoryBytes, maxEntries: limits.entries },
      ...{ admit, pause: pauseBetweenTurns(signal) },
    });
  } catch (error) {
    if (error instanceof LargeDirectory) return undefined;
    throw error;
  }
}

class LargeDirectory extends Error {}

/** Inflates every entry once, and checks it. So a damaged archive fails before anything is written. */
export async function checkEntries(
  { smallArchives }: Pick<UnzipDeps, 'smallArchives'>,
  small: SmallArchive,
  signal: AbortSignal,
): Promise<void> {
  const turn = new Turn();
  for (const { record } of small.entries) {
    if (turn.isOver()) await turn.startNext();
    signal.throwIfAborted();
    await withEntryNameInErrors(small, record, async () => {
      const data = dataOf(small, record);
      if (record.size <= SMALL_FILE_BYTES) readSmallContent(record, data);
      else for await (const _ of streamLargeContent(record, toStream(data))) signal.throwIfAborted();
    });
    smallArchives.noteUnneeded(record.size);
  }
}

/** Stores all files, and returns what was stored, in the order of the archive. */
export async function storeEntries(
  { store, uploadQueue, smallArchives }: UnzipDeps,
  small: SmallArchive,
  { signal, onWritten }: { readonly signal: AbortSignal; readonly onWritten: () => void },
): Promise<WrittenObject[]> {
  const storer = await createContentStorer(store);
  const written: WrittenObject[] = [];
  await forEachParallel(small.entries.entries(), PARALLEL_WRITES, async ([at, { record, object }]) => {
    const ref = { bucket: small.archive.bucket, key: object.key };
    const isStream = record.size > SMALL_FILE_BYTES;
    const storeEntry = async (): Promise<string> => {
      signal.throwIfAborted();
      const data = dataOf(small, record);
      return isStream
        ? await storer.storeStream(ref, streamLargeContent(record, toStream(data)), record.size, signal)
        : await storer.storeBuffer(ref, readSmallContent(record, data), signal);
    };
    const memory = isStream ? STREAM_BYTES : record.size;
    const crc64 = await withEntryNameInErrors(small, record, () =>
      smallArchives.withContent(memory, () => uploadQueue.run(storeEntry, 0, signal), signal),
    );
    written[at] = { ...object, crc64 };
    onWritten();
    smallArchives.noteUnneeded(record.size);
  });
  return written;
}

function dataOf({ bytes }: SmallArchive, { localOffset, compressedSize }: DirectoryRecord): Buffer {
  const slice = (at: number, length: number): Buffer => bytes.subarray(at, at + length);
  return slice(locateData({ slice }, localOffset, bytes.length), compressedSize);
}

function toStream(data: Buffer): Readable {
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < data.length; at += CHUNK_BYTES) yield data.subarray(at, at + CHUNK_BYTES);
  }
  return Readable.from(chunks());
}

/** Puts the entry's name in front of the message if `work` throws `InvalidInput`. */
async function withEntryNameInErrors<T>(
  { archive, plan }: SmallArchive,
  record: DirectoryRecord,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withEntryName(error, `${archiveLabel(archive)}: entry ${quotedEntryName(record, plan.naming)}`);
  }
}
