import { open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { archiveLabel, type BigFile, type PartTask } from '../../domain/unzip/archive.ts';
import { windowCount, windowRange } from '../../domain/unzip/big-file-windows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { BigFileInflater, type WindowStep } from './big-file-inflater.ts';
import { createCrc64 } from './crc64.ts';
import { type DownloadResult, downloadToScratch, translateDiskError } from './download.ts';
import { withEntryName } from './entry-data.ts';
import { partFilesOf } from './part-files.ts';
import { DAMAGED, ScratchLost } from './scratch-space.ts';
import { checkStoredCrc64 } from './store-content.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The maximum number of upload parts of one slab in flight. Each upload part is in memory as a whole. */
const PARALLEL = 3;

/** One window of a big file in one attempt. */
export interface WindowTask {
  readonly task: PartTask;
  readonly file: BigFile;
  readonly window: number;
}

export interface SlabTask {
  readonly task: PartTask;
  readonly file: BigFile;
  readonly slab: number;
}

const windowFileName = (task: PartTask, window: number): string =>
  `${partFilesOf(task).prefix}.window-${window}`;
const slabFileName = (task: PartTask, slab: number): string => `${partFilesOf(task).prefix}.slab-${slab}`;

/** Downloads one window of a big file to this worker's scratch disk. */
export function downloadWindow(deps: UnzipDeps, { task, file, window }: WindowTask): Promise<DownloadResult> {
  const { scratch } = deps;
  const { archive, runId } = task;
  const range = windowRange(file, window);
  const name = windowFileName(task, window);
  const progress = { window, of: windowCount(file), read: 0 };
  return withHeartbeat(
    () => progress,
    async (signal) => {
      // The disk holds two windows and two slabs at the same time. All windows of a file share one slot.
      const need = 2 * (range.end - range.start + file.slabBytes);
      await scratch.reserve(runId, partFilesOf(task).prefix, need, signal);
      if (!(await scratch.has(runId, name))) {
        const onRead = (bytes: number): void => {
          progress.read += bytes;
        };
        await downloadToScratch(deps, { runId, name, version: archive, range, onRead }, signal);
      }
      return { queue: scratch.queue };
    },
  );
}

/** Creates the activities that share the inflaters of this process. */
export function windowActivities(deps: UnzipDeps) {
  const inflaters = new Map<string, BigFileInflater>();
  /** By slab file: the CRC-32 of each of its upload parts. */
  const slabCrcs = new Map<string, readonly number[]>();
  const { scratch } = deps;

  async function drop(id: string): Promise<void> {
    const inflater = inflaters.get(id);
    inflaters.delete(id);
    await inflater?.close();
  }

  function forgetSlabs(pathPrefix: string): void {
    for (const path of slabCrcs.keys()) if (path.startsWith(pathPrefix)) slabCrcs.delete(path);
  }

  async function takeInflater(
    id: string,
    { file, window, slab }: WindowTask & { slab: number },
  ): Promise<BigFileInflater> {
    const inflater = inflaters.get(id);
    inflaters.delete(id);
    if (inflater?.window === window && inflater.slab === slab) return inflater;
    await inflater?.close();
    if (window !== 0 || slab !== 0)
      throw new ScratchLost(`the state of the extraction of ${file.key}`, "is not in this worker's memory");
    return await BigFileInflater.open(file);
  }

  return {
    /**
     * Does one step of the extraction, up to the end of a slab or of the window. Slabs with a number below `uploaded`
     * are already in the store, so they are not written to the disk.
     */
    extractWindow(job: WindowTask & { slab: number; uploaded: number }): Promise<WindowStep> {
      const { task, file, window, slab } = job;
      const id = `${task.runId}/${partFilesOf(task).prefix}`;
      return withHeartbeat(
        () => ({ window, of: windowCount(file), slab }),
        async (signal) => {
          if (!(await scratch.has(task.runId, windowFileName(task, window))))
            throw new ScratchLost(`a window of ${file.key}`);
          const inflater = await takeInflater(id, job);
          const input = scratch.path(task.runId, windowFileName(task, window));
          const output = scratch.path(task.runId, slabFileName(task, slab));
          try {
            const last = window === windowCount(file) - 1;
            const step = await inflater.step({ input, last, output, skip: job.uploaded }, signal);
            if (step.upload) slabCrcs.set(output, inflater.takePartCrcs());
            if (step.windowDone) await rm(input, { force: true });
            if (step.crc64 === undefined) inflaters.set(id, inflater);
            else await inflater.close();
            return step;
          } catch (error) {
            await inflater.close();
            throw withEntryName(
              translateDiskError(error, output),
              `${archiveLabel(task.archive)}: entry ${JSON.stringify(file.key)}`,
            );
          }
        },
      );
    },

    /**
     * Uploads one slab as several parts of the multipart upload. Uploading such a part again replaces it. Throws
     * `ScratchLost` if the slab was damaged on the disk, or if this process did not write it.
     */
    uploadSlab({ task, file, slab }: SlabTask): Promise<void> {
      const path = scratch.path(task.runId, slabFileName(task, slab));
      const ref = { bucket: task.archive.bucket, key: file.key };
      const first = (slab * file.slabBytes) / file.partBytes;
      let uploadedParts = 0;
      return withHeartbeat(
        () => ({ slab, parts: uploadedParts }),
        async (signal) => {
          const slabFile = await open(path).catch(() => {
            throw new ScratchLost(`a slab of ${file.key}`);
          });
          try {
            const crcs = slabCrcs.get(path);
            if (crcs === undefined)
              throw new ScratchLost(
                `the checksums of a slab of ${file.key}`,
                "are not in this worker's memory",
              );
            const { size } = await slabFile.stat();
            const count = Math.ceil(size / file.partBytes);
            await forEachParallel(Array.from({ length: count }).keys(), PARALLEL, (at) =>
              deps.uploadQueue.run(async () => {
                signal.throwIfAborted();
                const body = Buffer.allocUnsafe(Math.min(file.partBytes, size - at * file.partBytes));
                const { bytesRead } = await slabFile.read(body, 0, body.length, at * file.partBytes);
                if (bytesRead !== body.length || crc32(body) !== crcs[at])
                  throw new ScratchLost(`a slab of ${file.key}`, DAMAGED);
                const hash = await createCrc64();
                hash.update(body);
                const part = { uploadId: file.uploadId, number: first + at + 1, body };
                checkStoredCrc64(await deps.store.uploadPart(ref, part, signal), hash.decimal(), ref);
                uploadedParts += 1;
              }),
            );
          } finally {
            await slabFile.close();
          }
          await rm(path, { force: true });
          slabCrcs.delete(path);
        },
      );
    },

    /** Drops one attempt at a part and releases its slot on the disk. */
    async releasePart(task: PartTask): Promise<void> {
      const { prefix } = partFilesOf(task);
      await drop(`${task.runId}/${prefix}`);
      forgetSlabs(scratch.path(task.runId, `${prefix}.`));
      await scratch.releaseAll(task.runId, prefix);
    },

    /** Drops everything that this worker has of a run. */
    async discard({ runId }: { runId: string }): Promise<void> {
      for (const id of [...inflaters.keys()]) if (id.startsWith(`${runId}/`)) await drop(id);
      forgetSlabs(`${scratch.path(runId, '')}/`);
      await scratch.discard(runId);
    },
  };
}
