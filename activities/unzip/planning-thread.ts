/** The worker thread of `plan-in-thread.ts`: does one job, answers once, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvalidInput } from '../../domain/errors.ts';
import { planArchive } from '../../domain/zip/plan-archive.ts';
import { summarizeDirectory } from '../../domain/zip/summarize-directory.ts';
import { ArchiveProblem } from '../../domain/zip/unused-bytes.ts';
import type { ThreadJob, ThreadResult } from './plan-in-thread.ts';

function jobResult(): ThreadResult {
  const job = workerData as ThreadJob;
  // A Buffer arrives as a plain Uint8Array.
  const { buffer, byteOffset, byteLength } = job.directory;
  const directory = Buffer.from(buffer, byteOffset, byteLength);
  try {
    return 'plan' in job
      ? { plan: planArchive({ ...job.plan, directory }) }
      : { summary: summarizeDirectory(directory, job.summary) };
  } catch (error) {
    if (error instanceof InvalidInput) return { invalid: { type: error.type, message: error.message } };
    if (error instanceof ArchiveProblem) return { problem: { type: error.type, why: error.why } };
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.postMessage(jobResult());
