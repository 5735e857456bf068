import type { Archive, EventRef, FileTotals, PlanReport } from '../../domain/unzip/archive.ts';
import type { ClaimingRun } from '../../domain/unzip/claim.ts';
import { KeySet } from '../../domain/unzip/key-set.ts';
import {
  isListedInline,
  ndjsonLines,
  runObjectKeysOf,
  type WrittenObject,
} from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type Announcement, announceInLog } from './announce.ts';
import { claimsOfClosedRuns } from './claim-destination.ts';
import { deleteObsolete } from './delete-obsolete.ts';
import { inBatches, keysInRunObjects, MAX_RUN_OBJECT_BYTES, openManifest } from './listed-keys.ts';
import { checkAndNoteManifests } from './other-manifests.ts';
import { removeClaims } from './stored-claims.ts';
import type { UnzipDeps } from './unzip-deps.ts';

export interface PublishTask {
  readonly archive: Archive;
  readonly runId: string;
  readonly event: EventRef | null;
  readonly parts: number;
  /** The totals of the plan, which the written files must match. */
  readonly expected: FileTotals;
  /** True if a run object lists skipped entries. */
  readonly skipped: boolean;
  readonly report?: PlanReport | undefined;
  /** The run that has claimed the destination. Absent in runs that an earlier version of Sluice started. */
  readonly run?: ClaimingRun | undefined;
}

/** Deletes the objects of earlier versions of the archive that this version does not have, then writes the manifest. */
export function publish(deps: UnzipDeps, task: PublishTask): Promise<FileTotals> {
  const { store } = deps;
  const { archive, runId, event, parts, expected } = task;
  const { bucket } = archive;
  const runObjects = runObjectKeysOf(archive, runId);
  const totals = { files: 0, bytes: 0 };
  return withHeartbeat(
    () => ({ ...totals, of: expected.files }),
    async (signal) => {
      const newKeys = new KeySet();
      let objects: WrittenObject[] = [];
      let listBytes = 0;
      for (let index = 0; index < parts; index++) {
        const body = await store.get({ bucket, key: runObjects.part(index) }, MAX_RUN_OBJECT_BYTES, signal);
        listBytes += body?.length ?? 0;
        const inline = isListedInline(expected.files, listBytes);
        if (!inline) objects = [];
        const lines = ndjsonLines(body ?? Buffer.alloc(0)) as Iterable<WrittenObject>;
        for await (const batch of inBatches(lines, signal))
          for (const object of batch) {
            newKeys.add(object.key);
            totals.files += 1;
            totals.bytes += object.size;
            if (inline) objects.push(object);
          }
      }
      if (totals.files !== expected.files || totals.bytes !== expected.bytes) {
        const listed = `${totals.files} files of ${totals.bytes} bytes`;
        const planned = `${expected.files} files of ${expected.bytes} bytes`;
        throw new Error(`oss://${bucket}/${runObjects.prefix} lists ${listed}, but the plan has ${planned}`);
      }
      if (task.run !== undefined) {
        const partKeys = Array.from({ length: parts }, (_, index) => runObjects.part(index));
        const keys = (): AsyncIterable<string> => keysInRunObjects(store, bucket, partKeys, signal);
        await checkAndNoteManifests(deps, { archive, runId, folders: null, keys }, signal);
      }
      await deleteObsolete(deps, { archive, runId, run: task.run, newKeys }, signal);
      const skipped = task.skipped
        ? await store.get({ bucket, key: runObjects.skipped }, MAX_RUN_OBJECT_BYTES, signal)
        : undefined;
      const list = isListedInline(expected.files, listBytes)
        ? { objects }
        : { parts: Array.from({ length: parts }, (_, index) => runObjects.part(index)) };
      const body = {
        ...{ event, totals, list, report: task.report },
        skipped: [...ndjsonLines(skipped ?? Buffer.alloc(0))],
      };
      await putManifest(store, archive, body, signal);
      return totals;
    },
  );
}

/** Writes the manifest. From then on, the archive counts as unpacked. */
export async function putManifest(
  store: ObjectStore,
  { bucket, key, etag, manifest }: Archive,
  body: {
    readonly event: EventRef | null;
    readonly totals: FileTotals;
    readonly list: { readonly objects: readonly WrittenObject[] } | { readonly parts: readonly string[] };
    readonly skipped: readonly unknown[];
    readonly report: PlanReport | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { event, totals, list, skipped, report } = body;
  const source = { bucket, key, etag };
  const json = { version: 1, source, event, ...totals, ...list, skipped, ...report };
  await store.put({ bucket, key: manifest }, Buffer.from(`${JSON.stringify(json)}\n`), signal);
}

export interface TidyTask extends PublishTask {
  /** The parent run, and the result of this run. Absent in runs that an earlier version of Sluice started. */
  readonly ended?: Announcement;
}

/**
 * The last step of a run. Deletes its claims, and all run objects except those that the manifest refers to. If no sink is
 * configured, logs how the run ended.
 */
export function tidy(deps: UnzipDeps, { archive, run, ended }: TidyTask): Promise<{ announced?: true }> {
  const { store } = deps;
  const { bucket, runs: runObjectsPrefix } = archive;
  return withHeartbeat(
    () => 'deleting run objects',
    async (signal) => {
      const manifest = await openManifest(deps, { bucket, key: archive.manifest }, signal);
      manifest?.close();
      const kept = new Set(manifest?.parts);
      const obsolete: string[] = [];
      for await (const key of store.list(bucket, runObjectsPrefix, signal))
        if (!kept.has(key)) obsolete.push(key);
      await store.remove(bucket, obsolete, signal);
      if (run !== undefined) {
        const closed = await claimsOfClosedRuns(deps, archive, run, signal);
        await removeClaims(deps, archive, [run, ...closed], signal);
      }
      return ended === undefined ? {} : await announceInLog(deps, ended, signal);
    },
  );
}
