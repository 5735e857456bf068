import { Context } from '@temporalio/activity';
import type { Slot } from '../../domain/admission-queue.ts';
import type { Archive, UnzipPlan } from '../../domain/unzip/archive.ts';
import type { ClaimingRun } from '../../domain/unzip/claim.ts';
import { directoryMemory } from '../../domain/unzip/planning-memory.ts';
import { ndjson, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import type { EntryNameRules } from '../../domain/zip/entry-name-rules.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { claimDestination, destinationBusy } from './claim-destination.ts';
import { filesInTurns } from './files-in-turns.ts';
import type { MeasuredSizes } from './measure-sizes.ts';
import { planEntries, type Reading } from './plan-entries.ts';
import { SMALL_DIRECTORY_BYTES } from './plan-in-child-process.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The size of the slices in which the directory is read. */
const SLICE_BYTES = 8 * 1024 * 1024;

interface PlanTask {
  readonly archive: Archive;
  readonly runId: string;
  /** The run that claims the destination. Absent in runs that an earlier version of Sluice started. */
  readonly run?: ClaimingRun;
}

/** The details of a heartbeat. An earlier version of Sluice sent a text. */
interface PlanProgress {
  readonly readBytes: number;
  /**
   * What is measured so far. The next attempt continues from here, because hundreds of gigabytes can take longer than
   * one attempt.
   */
  readonly measured?: MeasuredSizes | undefined;
  /** How long all attempts together have measured, in ms. */
  readonly measuringMs?: number | undefined;
}

/**
 * Reads the end and the central directory of the archive with range requests, checks every entry, and splits the
 * archive into parts. Claims the destination. Writes a run object with the skipped entries if there are any. If the
 * archive's own directory cannot be used, also writes a run object with a sorted and corrected copy of the directory.
 */
export function plan(deps: UnzipDeps, task: PlanTask): Promise<UnzipPlan> {
  const previous = Context.current().info.heartbeatDetails as PlanProgress | string | undefined;
  let readBytes = 0;
  let { measured, measuringMs } = (typeof previous === 'object' ? previous : {}) as Partial<PlanProgress>;
  return withHeartbeat(
    (): PlanProgress => ({ readBytes, measured, measuringMs }),
    async (signal) => {
      let slot: Slot | undefined;
      const memory = {
        async admit(bytes: number): Promise<void> {
          if (bytes > SMALL_DIRECTORY_BYTES)
            slot = await deps.largeDirectories.wait(directoryMemory(bytes), signal);
        },
        release: (): void => slot?.release(),
      };
      const onRead = (bytes: number): void => {
        readBytes += bytes;
      };
      const onMeasured = (sizes: MeasuredSizes): void => {
        measured = sizes;
      };
      const onTime = (ms: number): void => {
        measuringMs = ms;
      };
      const measuring = { previous: measured, previousMs: measuringMs, onMeasured, onTime };
      try {
        return await readAndPlan(deps, task, { signal, memory, onRead, measuring });
      } finally {
        memory.release();
      }
    },
  );
}

interface Planning extends Omit<Reading, 'read'> {
  readonly onRead: (bytes: number) => void;
}

async function readAndPlan(
  deps: UnzipDeps,
  { archive, runId, run }: PlanTask,
  { onRead, ...planning }: Planning,
): Promise<UnzipPlan> {
  const { store } = deps;
  const { signal } = planning;
  async function* read(range: ByteRange): AsyncGenerator<Buffer> {
    for (let at = range.start; at < range.end; at += SLICE_BYTES) {
      const end = Math.min(at + SLICE_BYTES, range.end);
      for await (const chunk of store.read(archive, { start: at, end }, signal)) {
        onRead(chunk.length);
        yield chunk;
      }
    }
  }
  const reading = { read, ...planning };
  const { found, directory, planned, isRewritten } = await planEntries(deps, archive, reading);
  const { unused, start, shift } = found;
  const { sortedDirectory, skipped, skippedCount, emptyFolders, folders, ...rest } = planned;
  const correctedDirectory = sortedDirectory ?? (isRewritten ? directory : undefined);
  if (run !== undefined) {
    const { key, etag, destination } = archive;
    const keys = (): AsyncIterable<string> =>
      keysOf(correctedDirectory ?? directory, rest.naming, destination);
    const claim = { ...run, key, etag, folders };
    const claimed = await claimDestination(deps, claim, { archive, runId, folders, keys }, signal);
    if (claimed.outcome === 'withdrawn') throw destinationBusy(archive, claimed.by);
  }
  const runObjects = runObjectKeysOf(archive, runId);
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
    ...rest,
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
