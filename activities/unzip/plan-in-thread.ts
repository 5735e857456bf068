import { Worker } from 'node:worker_threads';
import { InvalidInput } from '../../domain/errors.ts';
import { type ArchivePlan, type PlanInput, planArchive } from '../../domain/zip/plan-archive.ts';

/** Directories up to this size are planned in well under a second, and at once. */
const MAIN_THREAD_BYTES = 4 * 1024 * 1024;

/** Millions of names need more than the process itself is given. */
const MAX_HEAP_MIB = 1_024;

/** What the thread answers: errors are no plain data, so an input error is told by its parts. */
export type PlanThreadResult =
  | { readonly plan: ArchivePlan }
  | { readonly invalid: { readonly type: string; readonly message: string } }
  | { readonly bug: string };

/**
 * Plans an archive without holding up this process: a directory of millions of entries takes seconds, in which no
 * heartbeat of any activity would be sent. Its memory goes with the thread.
 */
export async function planInThread(input: PlanInput, signal: AbortSignal): Promise<ArchivePlan> {
  if (input.directory.length <= MAIN_THREAD_BYTES) return planArchive(input);
  const thread = new Worker(new URL('./planning-thread.js', import.meta.url), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const stop = (): void => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await new Promise<PlanThreadResult>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () =>
        reject(signal.reason ?? new Error('the planning thread ended without an answer')),
      );
    });
    if ('bug' in answer) throw new Error(answer.bug);
    if ('invalid' in answer) throw new InvalidInput(answer.invalid.type, answer.invalid.message);
    const { reordered } = answer.plan;
    return { ...answer.plan, reordered: reordered && Buffer.from(reordered) };
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
