/** The process of `run-planning-process.ts`: does one job, answers once, and ends. */
import { deserialize } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';
import { InvalidInput, isNoMemory } from '../../domain/errors.ts';
import { ArchiveProblem } from '../../domain/zip/archive-file.ts';
import { planArchive, planOrListUnmeasuredFiles } from '../../domain/zip/plan-archive.ts';
import { summarizeDirectory } from '../../domain/zip/summarize-directory.ts';
import { type PlanningJob, type PlanningResult, receiveMessage, sendMessage } from './planning-messages.ts';

/** How often this process checks that its parent still runs. Without the parent, its work is useless. */
const PARENT_CHECK_MS = 500;

if (isMainThread) {
  new Worker(new URL(import.meta.url)).unref();
  await work();
} else endWithParent();

async function work(): Promise<void> {
  const message = await receiveMessage(process.stdin);
  if (message === undefined) return;
  const { result, sortedDirectory } = resultOf(deserialize(message.head) as PlanningJob, message.rest);
  sendMessage(process.stdout, result, sortedDirectory);
}

function resultOf(
  job: PlanningJob,
  directory: Buffer,
): { readonly result: PlanningResult; readonly sortedDirectory?: Buffer | undefined } {
  try {
    if ('summarize' in job) return { result: { summary: summarizeDirectory(directory, job.summarize) } };
    const planned =
      'plan' in job
        ? planArchive({ ...job.plan, directory })
        : planOrListUnmeasuredFiles({ ...job.unmeasured, directory });
    if ('filesOfUnknownSize' in planned) return { result: planned };
    const { sortedDirectory, ...plan } = planned;
    return { result: { plan, hasSortedDirectory: sortedDirectory !== undefined }, sortedDirectory };
  } catch (error) {
    return { result: failureOf(error) };
  }
}

function failureOf(error: unknown): PlanningResult {
  if (error instanceof InvalidInput) return { invalid: { type: error.type, message: error.message } };
  if (error instanceof ArchiveProblem) return { problem: { type: error.type, why: error.why } };
  if (isNoMemory(error)) return { lacking: 'memory' };
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Ends this process soon after its parent. The main thread works without a pause, so another thread checks. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, PARENT_CHECK_MS);
}
