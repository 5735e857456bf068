import { Worker } from 'node:worker_threads';
import { AdmissionQueue } from '../../domain/admission-queue.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { type ArchivePlan, type PlanInput, planArchive } from '../../domain/zip/plan-archive.ts';
import {
  type DirectorySummary,
  type Summarize,
  type SummaryOptions,
  summarizeDirectory,
} from '../../domain/zip/summarize-directory.ts';
import { ArchiveProblem } from '../../domain/zip/unused-bytes.ts';

/** Planning a directory up to this size takes some tenths of a second at most, so it runs in the main thread. */
const MAIN_THREAD_BYTES = 1024 * 1024;

/** At most this many threads run at the same time, because each of them needs memory. */
const threads = new AdmissionQueue({ parallel: { slots: 2 } });

/** A directory with millions of names needs more heap than the process has. */
const MAX_HEAP_MIB = 1_024;

/** The work of a thread. */
export type ThreadJob = { readonly directory: Uint8Array } & (
  | { readonly plan: Omit<PlanInput, 'directory'> }
  | { readonly summary: SummaryOptions }
);

/** The answer of a thread. Errors cannot be cloned, so only their parts are sent. */
export type ThreadResult =
  | { readonly plan: ArchivePlan }
  | { readonly summary: DirectorySummary }
  | { readonly invalid: { readonly type: string; readonly message: string } }
  | { readonly problem: { readonly type: string; readonly why: string } }
  | { readonly bug: string };

/**
 * Plans an archive without blocking this process. Planning millions of entries takes seconds. In the main thread, no
 * activity could send a heartbeat during these seconds. The memory is freed when the thread ends.
 */
export async function planInThread(
  { directory, ...plan }: PlanInput,
  signal: AbortSignal,
): Promise<ArchivePlan> {
  if (directory.length <= MAIN_THREAD_BYTES) return planArchive({ ...plan, directory });
  const answer = await runThread({ directory, plan }, signal);
  if (!('plan' in answer)) throw new Error('the planning thread returned no plan');
  const { sortedDirectory } = answer.plan;
  return { ...answer.plan, sortedDirectory: sortedDirectory && Buffer.from(sortedDirectory) };
}

/** Returns `summarizeDirectory` without blocking this process. */
export const summarizeInThread =
  (signal: AbortSignal): Summarize =>
  async (directory, summary) => {
    if (directory.length <= MAIN_THREAD_BYTES) return summarizeDirectory(directory, summary);
    const answer = await runThread({ directory, summary }, signal);
    if (!('summary' in answer)) throw new Error('the planning thread returned no summary');
    return answer.summary;
  };

/** Runs a job in a thread of its own. Throws what the job throws. */
const runThread = (job: ThreadJob, signal: AbortSignal): Promise<ThreadResult> =>
  threads.run(() => startThread(job, signal), 0, signal);

async function startThread(job: ThreadJob, signal: AbortSignal): Promise<ThreadResult> {
  // The thread gets a copy of the whole memory of a buffer, also if the buffer is a small slice of it.
  const directory = new Uint8Array(job.directory);
  const thread = new Worker(new URL('./planning-thread.js', import.meta.url), {
    workerData: { ...job, directory },
    transferList: [directory.buffer],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const stop = (): void => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await new Promise<ThreadResult>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () =>
        reject(signal.reason ?? new Error('the planning thread ended without an answer')),
      );
    });
    if ('bug' in answer) throw new Error(answer.bug);
    if ('invalid' in answer) throw new InvalidInput(answer.invalid.type, answer.invalid.message);
    if ('problem' in answer) throw new ArchiveProblem(answer.problem.type, answer.problem.why);
    return answer;
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
