import { Worker } from 'node:worker_threads';
import { AdmissionQueue } from '../../domain/admission-queue.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { type ArchivePlan, type PlanInput, planArchive } from '../../domain/zip/plan-archive.ts';

/** Planning a directory up to this size takes some tenths of a second at most, so it runs in the main thread. */
const MAIN_THREAD_BYTES = 1024 * 1024;

/** At most this many threads plan at the same time, because each of them needs memory. */
const threads = new AdmissionQueue({ parallel: { slots: 2 } });

/** A directory with millions of names needs more heap than the process has. */
const MAX_HEAP_MIB = 1_024;

/** The answer of the thread. Errors cannot be cloned, so an `InvalidInput` is sent as its type and message. */
export type PlanThreadResult =
  | { readonly plan: ArchivePlan }
  | { readonly invalid: { readonly type: string; readonly message: string } }
  | { readonly bug: string };

/**
 * Plans an archive without blocking this process. Planning millions of entries takes seconds. In the main thread, no
 * activity could send a heartbeat during these seconds. The memory is freed when the thread ends.
 */
export async function planInThread(input: PlanInput, signal: AbortSignal): Promise<ArchivePlan> {
  if (input.directory.length <= MAIN_THREAD_BYTES) return planArchive(input);
  return await threads.run(() => runThread(input, signal), 0, signal);
}

async function runThread(input: PlanInput, signal: AbortSignal): Promise<ArchivePlan> {
  // The thread gets a copy of the whole memory of a buffer, also if the buffer is a small slice of it.
  const directory = new Uint8Array(input.directory);
  const thread = new Worker(new URL('./planning-thread.js', import.meta.url), {
    workerData: { ...input, directory },
    transferList: [directory.buffer],
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
    const { sortedDirectory } = answer.plan;
    return { ...answer.plan, sortedDirectory: sortedDirectory && Buffer.from(sortedDirectory) };
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
