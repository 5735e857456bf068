import { open, readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { archiveLabel, type FileTotals, type PartTask } from '../../domain/unzip/archive.ts';
import {
  crc32Hex,
  ndjson,
  ndjsonLines,
  runObjectKeysOf,
  type WrittenObject,
} from '../../domain/unzip/run-object-keys.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type PackedFile, partFilesOf } from './part-files.ts';
import { ScratchLost } from './scratch-space.ts';
import { createPackedFileUploader } from './store-content.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The maximum number of concurrent uploads for one part. `uploadQueue` bounds the uploads of the whole process. */
const PARALLEL = 64;

/** Where a retried upload continues: all files before `next` are stored. */
interface UploadProgress {
  readonly next: number;
  readonly of: number;
  readonly bytes: number;
}

/**
 * Stores every file of an extracted part. Records the keys before the first upload, and the stored objects at the
 * end. The CRC-64 that the store computes must match the bytes sent. The CRC-32 of these bytes must match the archive.
 */
export async function upload(deps: UnzipDeps, task: PartTask): Promise<FileTotals> {
  const { scratch, store } = deps;
  const { archive, part, runId } = task;
  const files = partFilesOf(task);
  const throwScratchLost = (): never => {
    throw new ScratchLost(`part ${part.index} of ${archiveLabel(archive)}`);
  };
  const index = await readFile(scratch.path(runId, files.index)).catch(throwScratchLost);
  const packed = [...ndjsonLines(index)] as PackedFile[];
  const pack = await open(scratch.path(runId, files.pack)).catch(throwScratchLost);
  const runObject = { bucket: archive.bucket, key: runObjectKeysOf(archive, runId).part(part.index) };

  const uploadFile = await createPackedFileUploader(store, pack);
  const previous = Context.current().info.heartbeatDetails as UploadProgress | undefined;
  const cursor = new UploadCursor(previous?.next ?? 0, packed.length);
  let bytes = previous?.bytes ?? 0;
  try {
    return await withHeartbeat(
      (): UploadProgress => ({ next: cursor.next, of: packed.length, bytes }),
      async (signal) => {
        const written: WrittenObject[] = packed.map(([key, , size, crc, name]) => ({
          key,
          size,
          crc32: crc32Hex(crc),
          ...(name === undefined ? {} : { name }),
        }));
        if (cursor.next === 0) await store.put(runObject, ndjson(written), signal);
        await forEachParallel(packed.keys(), PARALLEL, async (at) => {
          signal.throwIfAborted();
          const [key, offset, size, crc] = packed[at] as PackedFile;
          const send = at >= (previous?.next ?? 0);
          const file = { ref: { bucket: archive.bucket, key }, offset, size, crc, send };
          const crc64 = await deps.uploadQueue.run(() => uploadFile(file, signal));
          written[at] = { ...(written[at] as WrittenObject), crc64 };
          cursor.markDone(at);
          if (send) bytes += size;
        });
        await store.put(runObject, ndjson(written), signal);
        const total = packed.reduce((sum, [, , size]) => sum + size, 0);
        await scratch.release(runId, files.prefix, [files.pack, files.index, files.centralDirectory]);
        return { files: packed.length, bytes: total };
      },
    );
  } finally {
    await pack.close();
  }
}

/** Tracks the lowest index that is not done, while work completes out of order. */
class UploadCursor {
  next: number;
  readonly #done: Uint8Array;

  constructor(next: number, length: number) {
    this.next = next;
    this.#done = new Uint8Array(length);
  }

  markDone(at: number): void {
    this.#done[at] = 1;
    while (this.#done[this.next] === 1) this.next++;
  }
}
