import type { Archive, EventRef, FileTotals } from '../../domain/unzip/archive.ts';
import { ndjsonLines, runObjectKeysOf, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { keysInRunObject, MAX_RUN_OBJECT_BYTES } from './begin.ts';
import { obsoleteKeysOf } from './obsolete-keys.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** A manifest lists its objects itself up to this many; over that, it names the notes that do. */
const MAX_INLINE_OBJECTS = 10_000;

export interface PublishTask {
  readonly archive: Archive;
  readonly runId: string;
  readonly event: EventRef | null;
  readonly parts: number;
  /** What the plan promised, and what therefore has to be there. */
  readonly expected: FileTotals;
  readonly skipped: boolean;
}

/** Removes what the version before had and this one has not, then writes the manifest. */
export function publish({ store }: UnzipDeps, task: PublishTask): Promise<FileTotals> {
  const { archive, runId, event, parts, expected } = task;
  const { bucket } = archive;
  const notes = runObjectKeysOf(archive.runs, runId);
  const tally = { files: 0, bytes: 0 };
  return withHeartbeat(
    () => ({ ...tally, of: expected.files }),
    async (signal) => {
      const previousKeys = new Set(await keysInRunObject(store, bucket, notes.previousFiles, signal));
      const inline = expected.files <= MAX_INLINE_OBJECTS;
      const objects: WrittenObject[] = [];
      for (let index = 0; index < parts; index++) {
        const body = await store.get({ bucket, key: notes.part(index) }, MAX_RUN_OBJECT_BYTES, signal);
        for (const object of ndjsonLines(body ?? Buffer.alloc(0)) as Iterable<WrittenObject>) {
          previousKeys.delete(object.key);
          tally.files += 1;
          tally.bytes += object.size;
          if (inline) objects.push(object);
        }
      }
      if (tally.files !== expected.files || tally.bytes !== expected.bytes) {
        throw new Error(
          `oss://${bucket}/${notes.prefix} lists ${tally.files} files of ${tally.bytes} bytes, planned were ${expected.files} of ${expected.bytes}`,
        );
      }
      await store.remove(bucket, await obsoleteKeysOf(store, archive, previousKeys, signal), signal);
      const skipped = task.skipped
        ? await store.get({ bucket, key: notes.skipped }, MAX_RUN_OBJECT_BYTES, signal)
        : undefined;
      const manifest = {
        version: 1,
        source: { bucket, key: archive.key, etag: archive.etag },
        event,
        ...tally,
        ...(inline ? { objects } : { parts: Array.from({ length: parts }, (_, index) => notes.part(index)) }),
        skipped: [...ndjsonLines(skipped ?? Buffer.alloc(0))],
      };
      await store.put(
        { bucket, key: archive.manifest },
        Buffer.from(`${JSON.stringify(manifest)}\n`),
        signal,
      );
      return tally;
    },
  );
}

/** Removes the notes that nobody needs any more: all but those that the manifest names. */
export function tidy({ store }: UnzipDeps, { archive, runId, expected }: PublishTask): Promise<void> {
  const { bucket, runs } = archive;
  const kept =
    expected.files > MAX_INLINE_OBJECTS ? `${runObjectKeysOf(runs, runId).prefix}part-` : undefined;
  return withHeartbeat(
    () => 'removing notes',
    async (signal) => {
      const done: string[] = [];
      for await (const key of store.list(bucket, runs, signal)) {
        if (kept === undefined || !key.startsWith(kept)) done.push(key);
      }
      await store.remove(bucket, done, signal);
    },
  );
}
