import type { FileTotals, PartTask } from '../domain/unzip/archive.ts';
import { partRetryReason } from './part-retry-reason.ts';
import { unpackBigFile } from './unpack-big-file.ts';
import { releaseInBackground, scratchActivitiesOn, sharedActivities } from './unzip-activity-proxies.ts';

/**
 * Downloads a part, then extracts and uploads it on the same worker. Starts again if that worker is lost. Calls
 * `onScratchQueue` with the task queue of the worker that downloaded the part.
 */
export async function unpackPart(
  task: Omit<PartTask, 'attempt'>,
  onScratchQueue: (queue: string) => void,
): Promise<FileTotals> {
  if (task.part.big) return await unpackBigFile(task, onScratchQueue);
  const { files, bytes, index } = task.part;
  const summary = `part ${index + 1}: ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes`;
  let wasCorrupt = false;
  for (let attempt = 0; ; attempt++) {
    const job = { ...task, attempt };
    let queue = '';
    try {
      ({ queue } = await sharedActivities.download.executeWithOptions({ summary }, [job]));
      onScratchQueue(queue);
      const scratch = scratchActivitiesOn(queue);
      await scratch.extract.executeWithOptions({ summary }, [job]);
      return await scratch.upload.executeWithOptions({ summary }, [job]);
    } catch (error) {
      const reason = partRetryReason(error, attempt, wasCorrupt);
      if (reason === undefined) throw error;
      wasCorrupt ||= reason === 'corrupt';
      if (queue !== '') releaseInBackground(queue, job);
    }
  }
}
