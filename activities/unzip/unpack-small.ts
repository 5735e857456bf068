import { InvalidInput } from '../../domain/errors.ts';
import type { Archive, EventRef, FileTotals, PlanReport, UnzipResult } from '../../domain/unzip/archive.ts';
import type { Claim, ClaimingRun } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import type { WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { ArchivePlan } from '../../domain/zip/plan-archive.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type AnnouncedRun, announceInLog } from './announce.ts';
import { type Claimed, claimDestination } from './claim-destination.ts';
import { deleteObsolete } from './delete-obsolete.ts';
import { LongLists } from './list-memory.ts';
import { checkAndNoteManifests, type OwnFiles } from './other-manifests.ts';
import { removeOtherLists, storePreviousKeys } from './previous-keys.ts';
import { putManifest } from './publish.ts';
import { checkEntries, planSmallArchive, type SmallArchive, storeEntries } from './small-entries.ts';
import { removeClaims } from './stored-claims.ts';
import type { UnzipDeps } from './unzip-deps.ts';

export interface SmallArchiveTask {
  readonly archive: Archive;
  readonly run: ClaimingRun;
  readonly event: EventRef | null;
  /** The run of `unzipObject` for which the archive is unpacked. Its end is logged if no sink is configured. */
  readonly parent: AnnouncedRun;
}

export type SmallArchiveResult =
  | UnzipResult
  /** Nothing was written, because the unpacked archive exceeds a limit for small archives, or may do so. */
  | { readonly outcome: 'large' }
  /** Nothing was written, because another run extracts the same archive. */
  | { readonly outcome: 'busy'; readonly by: Pick<Claim, 'workflowId' | 'runId' | 'workflow' | 'etag'> };

/**
 * Unpacks a small archive in one step: reads it whole, checks it, and writes all objects and the manifest. A retry
 * repeats everything; it writes the same objects again.
 */
export function unpackSmall(deps: UnzipDeps, task: SmallArchiveTask): Promise<SmallArchiveResult> {
  const { archive } = task;
  let writtenObjects = 0;
  const onWritten = (): void => void writtenObjects++;
  return withHeartbeat(
    () => ({ written: writtenObjects }),
    async (signal) => {
      const readPrepareAndWrite = <P extends NotPrepared>(
        prepareWrite: (files: Files) => Promise<Prepared | P>,
      ) =>
        deps.smallArchives.withArchive(
          archive.size,
          async (buffer) => {
            const small = await readAndCheck(deps, archive, buffer, signal);
            if (small === undefined) return { outcome: 'large' as const };
            const keys = small.entries.map(({ object }) => object.key);
            const prepared = await prepareWrite({ keys, folders: small.plan.folders });
            if (prepared.outcome !== 'prepared') return prepared;
            return await write(deps, small, prepared, { signal, onWritten });
          },
          signal,
        );
      const result = await readPrepareAndWrite((files) => prepareIfShort(deps, task, files, signal));
      // The archive is not in memory while long lists are read, because other archives would wait for this memory.
      const stored = result.outcome === 'long' ? await prepareThenReadAndWrite(result.files) : result;
      // This, too, happens without the archive in memory: an earlier version can have millions of objects to delete.
      return stored.outcome === 'stored' ? await finish(deps, task, stored, signal) : stored;

      async function prepareThenReadAndWrite(files: Files) {
        const prepared = await prepare(deps, task, files, signal);
        return prepared.outcome === 'prepared'
          ? await readPrepareAndWrite<never>(async () => prepared)
          : prepared;
      }
    },
  );
}

/** What a small archive writes. */
interface Files {
  readonly keys: readonly string[];
  readonly folders: ArchivePlan['folders'];
}

type Busy = Extract<SmallArchiveResult, { readonly outcome: 'busy' }>;
type NotPrepared = Busy | { readonly outcome: 'long'; readonly files: Files };

/** This run has the claim on the destination, and has stored the keys of earlier runs. */
interface Prepared {
  readonly outcome: 'prepared';
  readonly ownFiles: OwnFiles;
  /** True if earlier runs have written objects. */
  readonly hasPreviousKeys: boolean;
  readonly hasRunObject: boolean;
  readonly closedRunClaims: Claimed['closedRunClaims'];
}

/** All objects of the archive are stored. */
interface Stored extends Omit<Prepared, 'outcome'> {
  readonly outcome: 'stored';
  readonly objects: readonly WrittenObject[];
  readonly totals: FileTotals;
  readonly skipped: ArchivePlan['skipped'];
  readonly skippedCount: number;
  readonly report: PlanReport;
}

/** Returns the checked archive, or undefined if it is large. Reads it once more if its data is damaged. */
async function readAndCheck(
  deps: UnzipDeps,
  archive: Archive,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<SmallArchive | undefined> {
  for (let attempt = 1; ; attempt++) {
    await readInto(buffer, deps, archive, signal);
    const small = await planSmallArchive(deps, archive, buffer, signal);
    if (small === undefined) return undefined;
    try {
      await checkEntries(deps, small, signal);
      return small;
    } catch (error) {
      // The download may have been faulty.
      if (attempt > 1 || !(error instanceof InvalidInput) || error.type !== 'CorruptEntry') throw error;
    }
  }
}

async function readInto(
  buffer: Buffer,
  { store }: UnzipDeps,
  archive: Archive,
  signal: AbortSignal,
): Promise<void> {
  if (archive.size === 0) return;
  let filled = 0;
  for await (const chunk of store.read(archive, { start: 0, end: archive.size }, signal)) {
    filled += chunk.copy(buffer, filled);
  }
}

/** Like `prepare`. Returns `long` if that would have to read the lists of large archives. */
async function prepareIfShort(
  deps: UnzipDeps,
  task: SmallArchiveTask,
  files: Files,
  signal: AbortSignal,
): Promise<Prepared | NotPrepared> {
  try {
    return await prepare({ ...deps, lists: deps.lists.forShortLists }, task, files, signal);
  } catch (error) {
    if (error instanceof LongLists) return { outcome: 'long', files };
    throw error;
  }
}

/** Claims the destination, stores the keys of earlier runs, and deletes the old manifest. A repetition does the same. */
async function prepare(
  deps: UnzipDeps,
  { archive, run }: SmallArchiveTask,
  { keys, folders }: Files,
  signal: AbortSignal,
): Promise<Prepared | Busy> {
  const { bucket, key, etag, manifest } = archive;
  const { runId } = run;
  const claim = { ...run, key, etag, folders, objects: keys };
  const ownFiles = { archive, runId, folders, keys: () => keys };
  const claimed = await claimDestination(deps, claim, ownFiles, signal);
  if (claimed.outcome === 'withdrawn') {
    const { workflowId, runId: otherRunId, workflow, etag: otherEtag } = claimed.by;
    return { outcome: 'busy', by: { workflowId, runId: otherRunId, workflow, etag: otherEtag } };
  }
  const { closedRunClaims, hasRunObject } = claimed;
  const { any, otherRunObjects } = await storePreviousKeys(deps, { archive, runId, closedRunClaims }, signal);
  if (any) {
    await deps.store.remove(bucket, [manifest], signal);
    await removeOtherLists(deps, archive, { otherRunObjects, closedRunClaims }, signal);
  }
  return { outcome: 'prepared', ownFiles, hasPreviousKeys: any, hasRunObject, closedRunClaims };
}

async function write(
  deps: UnzipDeps,
  small: SmallArchive,
  prepared: Prepared,
  progress: { readonly signal: AbortSignal; readonly onWritten: () => void },
): Promise<Stored> {
  const { plan, report } = small;
  const objects = await storeEntries(deps, small, progress);
  const totals = { files: plan.files, bytes: plan.bytes };
  const { skipped, skippedCount } = plan;
  return { ...prepared, outcome: 'stored', objects, totals, skipped, skippedCount, report };
}

/** Deletes the objects of earlier versions, and writes the manifest. */
async function finish(
  deps: UnzipDeps,
  { archive, run, event, parent }: SmallArchiveTask,
  stored: Stored,
  signal: AbortSignal,
): Promise<UnzipResult> {
  const { store } = deps;
  const { destination, manifest } = archive;
  const { objects, ownFiles, hasPreviousKeys, totals, skipped, skippedCount, report } = stored;
  if (hasPreviousKeys) {
    const newKeys = new KeySet();
    for (const { key } of objects) newKeys.add(key);
    await deleteObsolete(deps, { archive, runId: run.runId, run, newKeys }, signal);
  }
  await checkAndNoteManifests(deps, ownFiles, signal);
  await putManifest(store, archive, { event, totals, list: { objects }, skipped, report }, signal);
  if (hasPreviousKeys || stored.hasRunObject) await removeRunObjects(deps, archive, signal);
  await removeClaims(deps, archive, [run, ...stored.closedRunClaims], signal);

  const completed = { outcome: 'completed' as const, note: '', ...totals };
  const end = { ...completed, skipped: skippedCount, destination, manifest };
  return { ...end, ...(await announceInLog(deps, { ...parent, end }, signal)) };
}

async function removeRunObjects({ store }: UnzipDeps, archive: Archive, signal: AbortSignal): Promise<void> {
  const { bucket, runs: runObjectsPrefix } = archive;
  const runObjects: string[] = [];
  for await (const key of store.list(bucket, runObjectsPrefix, signal)) runObjects.push(key);
  await store.remove(bucket, runObjects, signal);
}
