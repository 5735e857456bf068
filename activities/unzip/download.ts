import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Unavailable } from '../../domain/errors.ts';
import type { PartTask } from '../../domain/unzip/archive.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { partFilesOf } from './part-files.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The task queue of the worker that has the downloaded part. */
export interface DownloadResult {
  readonly queue: string;
}

/**
 * Downloads one part, and the slice of the central directory that describes it, to this worker's scratch disk. Skips
 * files that are already complete.
 */
export function download(deps: UnzipDeps, task: PartTask): Promise<DownloadResult> {
  const { scratch } = deps;
  const { archive, part, plan, runId } = task;
  const files = partFilesOf(task);
  const progress = { read: 0, of: part.dataEnd - part.dataStart };
  return withHeartbeat(
    () => progress,
    async (signal) => {
      await scratch.reserve(runId, files.prefix, progress.of + part.bytes, signal);
      try {
        if (!(await scratch.has(runId, files.centralDirectory))) {
          const start = plan.directory.offset + part.directoryOffset;
          const version = { ...plan.directory, bucket: archive.bucket };
          const range = { start, end: start + part.directoryLength };
          await downloadToScratch(deps, { runId, name: files.centralDirectory, version, range }, signal);
        }
        if (!(await scratch.has(runId, files.data))) {
          const range = { start: part.dataStart, end: part.dataEnd };
          const onRead = (bytes: number): void => {
            progress.read += bytes;
          };
          await downloadToScratch(deps, { runId, name: files.data, version: archive, range, onRead }, signal);
        }
      } catch (error) {
        await scratch.release(runId, files.prefix, []);
        throw error;
      }
      return { queue: scratch.queue };
    },
  );
}

interface ScratchDownload {
  readonly runId: string;
  readonly name: string;
  readonly version: ObjectVersion;
  readonly range: ByteRange;
  readonly onRead?: (bytes: number) => void;
}

/** Downloads a range of an object to the scratch disk. The file gets its name only when it is complete. */
export async function downloadToScratch(
  { store, scratch }: Pick<UnzipDeps, 'store' | 'scratch'>,
  { runId, name, version, range, onRead }: ScratchDownload,
  signal: AbortSignal,
): Promise<void> {
  const path = scratch.path(runId, name);
  async function* chunksWithProgress(): AsyncGenerator<Buffer> {
    for await (const chunk of store.read(version, range, signal)) {
      onRead?.(chunk.length);
      yield chunk;
    }
  }
  try {
    await pipeline(chunksWithProgress(), createWriteStream(`${path}.tmp`, { highWaterMark: 1024 * 1024 }));
  } catch (error) {
    throw translateDiskError(error, path);
  }
  await rename(`${path}.tmp`, path);
}

/** Makes errors of a full or failing disk retryable, because another worker's disk may work. */
export function translateDiskError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EIO' && code !== 'EROFS') return error;
  const remedy = 'free some space, or set SLUICE_SCRATCH to another disk';
  return new Unavailable('ScratchFull', `cannot write ${path}: ${code}; ${remedy}`, {
    cause: error,
    afterMs: 5_000,
  });
}
