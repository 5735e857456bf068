import { CancellationScope } from '@temporalio/workflow';
import type { BigFile, FileTotals, PartTask } from '../domain/unzip/archive.ts';
import { windowCount } from '../domain/unzip/big-file-windows.ts';
import { partRetryReason } from './part-retry-reason.ts';
import { releaseInBackground, scratchActivitiesOn, sharedActivities } from './unzip-activity-proxies.ts';

/**
 * Extracts one file that is too big for a normal part, in windows, into a multipart upload. The upload of a slab of
 * content, the extraction of the next slab and the download of the next window are concurrent. Calls `onScratchQueue`
 * with the task queue of the worker that downloads the windows.
 */
export async function unpackBigFile(
  task: Omit<PartTask, 'attempt'>,
  onScratchQueue: (queue: string) => void,
): Promise<FileTotals> {
  const summary = `part ${task.part.index + 1}: one file of ${task.part.bytes} bytes`;
  const firstAttempt = { ...task, attempt: 0 };
  const file = await sharedActivities.openBigFile.executeWithOptions({ summary }, [firstAttempt]);
  let wasCorrupt = false;
  const uploads = new UploadState();
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const crc64 = await unpackOnce({ ...task, attempt }, file, uploads, onScratchQueue);
        return await sharedActivities.closeBigFile({ task: firstAttempt, file, crc64 });
      } catch (error) {
        const reason = partRetryReason(error, attempt, wasCorrupt);
        if (reason === undefined) throw error;
        wasCorrupt ||= reason === 'corrupt';
        // Damaged bytes may already have been uploaded, so all slabs are uploaded again.
        if (wasCorrupt) uploads.uploadedSlabs = 0;
      }
    }
  } catch (error) {
    await CancellationScope.nonCancellable(() =>
      sharedActivities.abandonBigFile({ task: firstAttempt, file }),
    );
    throw error;
  }
}

/** The uploaded slabs. If the file is inflated from its start again, these slabs are not uploaded again. */
class UploadState {
  uploadedSlabs = 0;
  lastUpload: Promise<void> = Promise.resolve();
}

/** Processes all windows once. Returns the CRC-64 of the file. */
async function unpackOnce(
  task: PartTask,
  file: BigFile,
  uploads: UploadState,
  onScratchQueue: (queue: string) => void,
): Promise<string> {
  const windows = windowCount(file);
  const { queue } = await sharedActivities.downloadWindow({ task, file, window: 0 });
  onScratchQueue(queue);
  const scratch = scratchActivitiesOn(queue);
  const scope = new CancellationScope();
  const started: Promise<unknown>[] = [];
  const track = <T>(work: Promise<T>): Promise<T> => {
    started.push(work.catch(() => {}));
    return work;
  };

  const run = async (): Promise<string> => {
    let slab = 0;
    uploads.lastUpload = Promise.resolve();
    for (let window = 0; ; window++) {
      const hasNext = window + 1 < windows;
      const nextDownload = hasNext
        ? track(scratch.downloadWindow({ task, file, window: window + 1 }))
        : undefined;
      for (let windowDone = false; !windowDone; ) {
        const summary = `window ${window + 1} of ${windows}`;
        const uploaded = uploads.uploadedSlabs;
        // One call ends at the end of a slab or of the window.
        const step = await scratch.extractWindow.executeWithOptions({ summary }, [
          { task, file, window, slab, uploaded },
        ]);
        if (step.upload) {
          await uploads.lastUpload;
          const extractedSlab = slab;
          uploads.lastUpload = track(
            scratch.uploadSlab({ task, file, slab: extractedSlab }).then(() => {
              uploads.uploadedSlabs = extractedSlab + 1;
            }),
          );
        }
        if (step.slabDone) slab += 1;
        if (step.crc64 !== undefined) {
          await uploads.lastUpload;
          return step.crc64;
        }
        windowDone = step.windowDone;
      }
      await nextDownload;
    }
  };

  try {
    return await scope.run(run);
  } catch (error) {
    scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(started));
    throw error;
  } finally {
    releaseInBackground(queue, task);
  }
}
