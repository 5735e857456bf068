import type { Slot } from '../../domain/admission-queue.ts';
import { type Archive, archiveLabel, type UnzipPlan } from '../../domain/unzip/archive.ts';
import type { ClaimingRun } from '../../domain/unzip/claim.ts';
import { ndjson, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { EntryNameRules } from '../../domain/zip/entry-name-rules.ts';
import { findDirectory } from '../../domain/zip/find-directory.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { claimDestination, destinationBusy } from './claim-destination.ts';
import { filesInTurns } from './files-in-turns.ts';
import { measureSizes } from './measure-sizes.ts';
import {
  planInChildIfLarge,
  SMALL_DIRECTORY_BYTES,
  summarizeInChildIfLarge,
} from './plan-in-child-process.ts';
import { pauseBetweenTurns } from './turn.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The size of the slices in which the directory is read. */
const SLICE_BYTES = 8 * 1024 * 1024;

interface PlanTask {
  readonly archive: Archive;
  readonly runId: string;
  /** The run that claims the destination. Absent in runs that an earlier version of Sluice started. */
  readonly run?: ClaimingRun;
}

/**
 * Reads the end and the central directory of the archive with range requests, checks every entry, and splits the
 * archive into parts. Claims the destination. Writes at most two run objects: the list of skipped entries, if there are
 * any; and a sorted and corrected copy of the central directory, if the archive's own one cannot be used.
 */
export function plan(deps: UnzipDeps, task: PlanTask): Promise<UnzipPlan> {
  let read = 0;
  return withHeartbeat(
    () => `read ${read} bytes of the directory`,
    async (signal) => {
      let slot: Slot | undefined;
      const admit = async (bytes: number): Promise<void> => {
        if (bytes > SMALL_DIRECTORY_BYTES) slot = await deps.largeDirectories.wait(bytes, signal);
      };
      const onRead = (bytes: number): void => {
        read += bytes;
      };
      try {
        return await readAndPlan(deps, task, { signal, admit, onRead });
      } finally {
        slot?.release();
      }
    },
  );
}

async function readAndPlan(
  deps: UnzipDeps,
  { archive, runId, run }: PlanTask,
  {
    signal,
    admit,
    onRead,
  }: {
    readonly signal: AbortSignal;
    readonly admit: (directoryBytes: number) => Promise<void>;
    readonly onRead: (bytes: number) => void;
  },
): Promise<UnzipPlan> {
  const { store, limits, partLimits, names } = deps;
  const subject = archiveLabel(archive);
  async function* read(range: ByteRange): AsyncGenerator<Buffer> {
    for (let at = range.start; at < range.end; at += SLICE_BYTES) {
      const end = Math.min(at + SLICE_BYTES, range.end);
      for await (const chunk of store.read(archive, { start: at, end }, signal)) {
        onRead(chunk.length);
        yield chunk;
      }
    }
  }
  const slice = async (range: ByteRange): Promise<Buffer> => {
    if (range.end <= range.start) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(range.end - range.start);
    let filled = 0;
    for await (const chunk of read(range)) filled += chunk.copy(bytes, filled);
    return bytes;
  };

  const found = await findDirectory(
    { size: archive.size, read: (start, end) => slice({ start, end }) },
    {
      ...{ subject, maxDirectoryBytes: limits.directoryBytes, maxEntries: limits.entries },
      ...{ summarize: summarizeInChildIfLarge(limits, signal), pause: pauseBetweenTurns(signal), admit },
    },
  );
  const { unused, wrapped, start, length, shift } = found;
  const toMeasure = { directory: found.directory, wrapped, shift, maxBytes: limits.entryBytes };
  const directory = await measureSizes(toMeasure, read, signal);
  const isRewritten = wrapped || directory !== found.directory;

  const { sortedDirectory, skipped, skippedCount, emptyFolders, folders, ...planned } =
    await planInChildIfLarge(
      {
        ...{ subject, directory, candidate: { start, length, shift }, limits, budget: partLimits },
        names: { ...names, ...archive.names },
        base: archive.base,
        destination: archive.destination,
      },
      signal,
    );
  const correctedDirectory = sortedDirectory ?? (isRewritten ? directory : undefined);
  if (run !== undefined) {
    const { key, etag, destination } = archive;
    const keys = (): AsyncIterable<string> =>
      keysOf(correctedDirectory ?? directory, planned.naming, destination);
    const claim = { ...run, key, etag, folders };
    const claimed = await claimDestination(deps, claim, { archive, runId, folders, keys }, signal);
    if (claimed.outcome === 'withdrawn') throw destinationBusy(archive, claimed.by);
  }
  const runObjects = runObjectKeysOf(archive.runs, runId);
  if (skipped.length > 0)
    await store.put({ bucket: archive.bucket, key: runObjects.skipped }, ndjson(skipped), signal);
  const storedDirectory =
    correctedDirectory &&
    (await putRunObject({
      bucket: archive.bucket,
      key: runObjects.sortedDirectory,
      body: correctedDirectory,
    }));
  const { key, etag, size } = storedDirectory ?? archive;
  return {
    ...planned,
    shift,
    skipped: skippedCount,
    directory: { key, etag, size, offset: storedDirectory ? 0 : start },
    report: {
      emptyFolders,
      ...(skippedCount > skipped.length ? { skippedCount } : {}),
      ...(unused.length > 0 ? { unused } : {}),
    },
  };

  async function putRunObject(runObject: {
    bucket: string;
    key: string;
    body: Buffer;
  }): Promise<ObjectVersion> {
    await store.put(runObject, runObject.body, signal);
    const version = await store.head(runObject, signal);
    if (version === undefined)
      throw new Error(`oss://${runObject.bucket}/${runObject.key} was deleted while the run needs it`);
    return version;
  }
}

/** Yields the keys of all files. */
async function* keysOf(
  directory: Buffer,
  naming: EntryNameRules,
  destination: string,
): AsyncGenerator<string> {
  for await (const { path } of filesInTurns(directory, naming)) yield destination + path;
}
