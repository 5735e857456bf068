import { InvalidInput } from '../../domain/errors.ts';
import type { Archive, EventRef, UnzipResult } from '../../domain/unzip/archive.ts';
import type { Claim, ClaimingRun } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type AnnouncedRun, announceInLog } from './announce.ts';
import { claimDestination } from './claim-destination.ts';
import { deleteObsolete } from './delete-obsolete.ts';
import { checkManifests } from './other-manifests.ts';
import { storePreviousKeys } from './previous-keys.ts';
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
  let written = 0;
  const onWritten = (): void => void written++;
  return withHeartbeat(
    () => ({ written }),
    (signal) =>
      deps.smallArchives.withArchive(
        archive.size,
        async (buffer) => {
          const small = await readAndCheck(deps, archive, buffer, signal);
          if (small === undefined) return { outcome: 'large' };
          return await write(deps, task, small, { signal, onWritten });
        },
        signal,
      ),
  );
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

async function write(
  deps: UnzipDeps,
  { archive, run, event, parent }: SmallArchiveTask,
  small: SmallArchive,
  progress: { readonly signal: AbortSignal; readonly onWritten: () => void },
): Promise<SmallArchiveResult> {
  const { store } = deps;
  const { bucket, key, etag, destination, manifest } = archive;
  const { runId } = run;
  const { plan, report } = small;
  const { signal } = progress;
  const keys = small.entries.map(({ object }) => object.key);
  const { folders } = plan;
  const claim = { ...run, key, etag, folders, objects: keys };
  const ownFiles = { archive, runId, folders, keys: () => keys };
  const claimed = await claimDestination(deps, claim, ownFiles, signal);
  if (claimed.outcome === 'withdrawn') {
    const { workflowId, runId: otherRunId, workflow, etag: otherEtag } = claimed.by;
    return { outcome: 'busy', by: { workflowId, runId: otherRunId, workflow, etag: otherEtag } };
  }
  const { closedRunClaims } = claimed;
  const isNew = !(await storePreviousKeys(deps, { archive, runId, closedRunClaims }, signal));
  if (!isNew) await store.remove(bucket, [manifest], signal);

  const objects = await storeEntries(deps, small, progress);
  if (!isNew) {
    const newKeys = new KeySet();
    for (const each of keys) newKeys.add(each);
    await deleteObsolete(deps, { archive, runId, run, newKeys }, signal);
  }
  await checkManifests(deps, ownFiles, signal);
  const totals = { files: plan.files, bytes: plan.bytes };
  const body = { event, totals, list: { objects }, skipped: plan.skipped, report };
  await putManifest(store, archive, body, signal);
  if (!isNew || claimed.hasRunObject) await removeRunObjects(deps, archive, signal);
  await removeClaims(deps, archive, [run, ...closedRunClaims], signal);

  const completed = { outcome: 'completed' as const, note: '', ...totals };
  const end = { ...completed, skipped: plan.skippedCount, destination, manifest };
  return { ...end, ...(await announceInLog(deps, { ...parent, end }, signal)) };
}

async function removeRunObjects({ store }: UnzipDeps, archive: Archive, signal: AbortSignal): Promise<void> {
  const runObjects: string[] = [];
  for await (const key of store.list(archive.bucket, archive.runs, signal)) runObjects.push(key);
  await store.remove(archive.bucket, runObjects, signal);
}
