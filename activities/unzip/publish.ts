import type { Archive, EventRef, FileTotals, PlanReport } from '../../domain/unzip/archive.ts';
import { ndjsonLines, runObjectKeysOf, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { keysInRunObject, MAX_RUN_OBJECT_BYTES } from './begin.ts';
import { obsoleteKeysOf } from './obsolete-keys.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** A manifest lists up to this many objects. For more objects, it names the run objects that contain the lists. */
const MAX_INLINE_OBJECTS = 10_000;

export interface PublishTask {
  readonly archive: Archive;
  readonly runId: string;
  readonly event: EventRef | null;
  readonly parts: number;
  /** The totals of the plan, which the written files must match. */
  readonly expected: FileTotals;
  readonly skipped: boolean;
  readonly report?: PlanReport | undefined;
}

/** Deletes the objects of earlier versions of the archive that this version does not have, then writes the manifest. */
export function publish({ store }: UnzipDeps, task: PublishTask): Promise<FileTotals> {
  const { archive, runId, event, parts, expected } = task;
  const { bucket } = archive;
  const runObjects = runObjectKeysOf(archive.runs, runId);
  const totals = { files: 0, bytes: 0 };
  return withHeartbeat(
    () => ({ ...totals, of: expected.files }),
    async (signal) => {
      const previousKeys = new Set(await keysInRunObject(store, bucket, runObjects.previousFiles, signal));
      const inline = expected.files <= MAX_INLINE_OBJECTS;
      const objects: WrittenObject[] = [];
      for (let index = 0; index < parts; index++) {
        const body = await store.get({ bucket, key: runObjects.part(index) }, MAX_RUN_OBJECT_BYTES, signal);
        for (const object of ndjsonLines(body ?? Buffer.alloc(0)) as Iterable<WrittenObject>) {
          previousKeys.delete(object.key);
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
      await store.remove(bucket, await obsoleteKeysOf(store, archive, previousKeys, signal), signal);
      const skipped = task.skipped
        ? await store.get({ bucket, key: runObjects.skipped }, MAX_RUN_OBJECT_BYTES, signal)
        : undefined;
      const manifest = {
        version: 1,
        source: { bucket, key: archive.key, etag: archive.etag },
        event,
        ...totals,
        ...(inline
          ? { objects }
          : { parts: Array.from({ length: parts }, (_, index) => runObjects.part(index)) }),
        skipped: [...ndjsonLines(skipped ?? Buffer.alloc(0))],
        ...task.report,
      };
      await store.put(
        { bucket, key: archive.manifest },
        Buffer.from(`${JSON.stringify(manifest)}\n`),
        signal,
      );
      return totals;
    },
  );
}

/** Deletes all run objects except those that the manifest refers to. */
export function tidy({ store }: UnzipDeps, { archive, runId, expected }: PublishTask): Promise<void> {
  const { bucket, runs } = archive;
  const keptPrefix =
    expected.files > MAX_INLINE_OBJECTS ? `${runObjectKeysOf(runs, runId).prefix}part-` : undefined;
  return withHeartbeat(
    () => 'deleting run objects',
    async (signal) => {
      const obsolete: string[] = [];
      for await (const key of store.list(bucket, runs, signal)) {
        if (keptPrefix === undefined || !key.startsWith(keptPrefix)) obsolete.push(key);
      }
      await store.remove(bucket, obsolete, signal);
    },
  );
}
