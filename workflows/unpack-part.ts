import type { PartTask, Tally } from '../domain/unzip/archive.ts';
import { beginsAgain } from './begin-again.ts';
import { unpackBigFile } from './unpack-big-file.ts';
import { releaseLater, scratchOn, shared } from './unzip-activities.ts';

/** Downloads a part, extracts and uploads it on the worker that has it; begins again when that worker is lost. */
export async function unpackPart(
  task: Omit<PartTask, 'attempt'>,
  onQueue: (queue: string) => void,
): Promise<Tally> {
  if (task.part.big) return await unpackBigFile(task, onQueue);
  const { files, bytes, index } = task.part;
  const summary = `part ${index + 1}: ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes`;
  const seen = new Set<string>();
  for (let attempt = 0; ; attempt++) {
    const job = { ...task, attempt };
    let queue = '';
    try {
      ({ queue } = await shared.download.executeWithOptions({ summary }, [job]));
      onQueue(queue);
      const scratch = scratchOn(queue);
      await scratch.extract.executeWithOptions({ summary }, [job]);
      return await scratch.upload.executeWithOptions({ summary }, [job]);
    } catch (error) {
      if (!beginsAgain(error, attempt, seen)) throw error;
      if (queue !== '') releaseLater(queue, job);
    }
  }
}
