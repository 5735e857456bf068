import { CancellationScope } from '@temporalio/workflow';
import type { BigFile, PartTask, Tally } from '../domain/unzip/archive.ts';
import { windowCount } from '../domain/unzip/windows.ts';
import { beginsAgain } from './begin-again.ts';
import { releaseLater, scratchOn, shared } from './unzip-activities.ts';

/**
 * Takes one file that is too big for a scratch disk through it in windows, into a multipart upload: while one slab of
 * content is uploaded, the next is extracted and the next window downloaded.
 */
export async function unpackBigFile(
  part: Omit<PartTask, 'attempt'>,
  onQueue: (queue: string) => void,
): Promise<Tally> {
  const summary = `part ${part.part.index + 1}: one file of ${part.part.bytes} bytes`;
  const first = { ...part, attempt: 0 };
  const file = await shared.openBigFile.executeWithOptions({ summary }, [first]);
  const seen = new Set<string>();
  const uploads = new Uploads();
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const crc64 = await onePass({ ...part, attempt }, file, uploads, onQueue);
        return await shared.closeBigFile({ task: first, file, crc64 });
      } catch (error) {
        if (!beginsAgain(error, attempt, seen)) throw error;
        // Damaged bytes may have been uploaded before they were found out, so fresh ones replace them all.
        if (seen.has('CorruptEntry')) uploads.done = 0;
      }
    }
  } catch (error) {
    await CancellationScope.nonCancellable(() => shared.abandonBigFile({ task: first, file }));
    throw error;
  }
}

/** Slabs that are uploaded: they need not be again when the file has to be inflated anew. */
class Uploads {
  done = 0;
  last: Promise<void> = Promise.resolve();
}

/** Goes through all windows once; answers the CRC-64 of the file. */
async function onePass(
  task: PartTask,
  file: BigFile,
  uploads: Uploads,
  onQueue: (queue: string) => void,
): Promise<string> {
  const windows = windowCount(file);
  const { queue } = await shared.downloadWindow({ task, file, window: 0 });
  onQueue(queue);
  const scratch = scratchOn(queue);
  const scope = new CancellationScope();
  const started: Promise<unknown>[] = [];
  const begin = <T>(work: Promise<T>): Promise<T> => {
    started.push(work.catch(() => {}));
    return work;
  };

  const run = async (): Promise<string> => {
    let slab = 0;
    uploads.last = Promise.resolve();
    for (let window = 0; ; window++) {
      const more = window + 1 < windows;
      const ahead = more ? begin(scratch.downloadWindow({ task, file, window: window + 1 })) : undefined;
      for (let windowDone = false; !windowDone; ) {
        const summary = `window ${window + 1} of ${windows}`;
        const uploaded = uploads.done;
        const step = await scratch.extractWindow.executeWithOptions({ summary }, [
          { task, file, window, slab, uploaded },
        ]);
        if (step.upload) {
          await uploads.last;
          const now = slab;
          uploads.last = begin(
            scratch.uploadSlab({ task, file, slab: now }).then(() => {
              uploads.done = now + 1;
            }),
          );
        }
        if (step.slabDone) slab += 1;
        if (step.crc64 !== undefined) {
          await uploads.last;
          return step.crc64;
        }
        windowDone = step.windowDone;
      }
      await ahead;
    }
  };

  try {
    return await scope.run(run);
  } catch (error) {
    scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(started));
    throw error;
  } finally {
    releaseLater(queue, task);
  }
}
