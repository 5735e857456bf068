import { deserialize } from 'node:v8';
import { AdmissionQueue } from '../../domain/admission-queue.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { defaultLimits, type UnzipLimits } from '../../domain/unzip/limits.ts';
import { planningMemory } from '../../domain/unzip/planning-memory.ts';
import { ArchiveProblem } from '../../domain/zip/archive-file.ts';
import {
  type ArchivePlan,
  type PlanInput,
  planArchive,
  planOrListUnmeasuredFiles,
  type UnknownSizes,
  type UnmeasuredInput,
} from '../../domain/zip/plan-archive.ts';
import { type Summarize, summarizeDirectory } from '../../domain/zip/summarize-directory.ts';
import type { PlanningJob, PlanningResult } from './planning-messages.ts';
import { runPlanningProcess } from './run-planning-process.ts';

/** Planning a directory up to this size takes some tenths of a second at most, so it runs in this process. */
export const SMALL_DIRECTORY_BYTES = 1024 * 1024;

const MAX_PROCESSES = 2;

/**
 * The limit for the memory of all planning processes together. The process that plans the largest directory needs all
 * of this memory, so it runs alone.
 */
const MAX_PROCESS_BYTES = planningMemory(defaultLimits.directoryBytes, defaultLimits.planningMib).bytes;

const processes = new AdmissionQueue({ parallel: { slots: MAX_PROCESSES, weight: MAX_PROCESS_BYTES } });

/**
 * Plans an archive. For a large directory, this happens in a child process with its own memory. Planning millions of
 * entries takes seconds. If it happened in this process, no activity could send a heartbeat during these seconds.
 * @throws InvalidInput as `planArchive` does, and also if the plan needs too much memory (type `LimitExceeded`)
 */
export async function planInChildIfLarge(input: PlanInput, signal: AbortSignal): Promise<ArchivePlan> {
  if (input.directory.length <= SMALL_DIRECTORY_BYTES) return planArchive(input);
  const { directory, ...plan } = input;
  const planned = await planInChild({ plan }, input, signal);
  if ('filesOfUnknownSize' in planned)
    throw new Error('the plan has files of unknown size, although their sizes were measured');
  return planned;
}

/** Does the same as `planOrListUnmeasuredFiles`, for a large directory in a child process. */
export async function planOrListUnmeasuredFilesInChildIfLarge(
  input: UnmeasuredInput,
  signal: AbortSignal,
): Promise<ArchivePlan | UnknownSizes> {
  if (input.directory.length <= SMALL_DIRECTORY_BYTES) return planOrListUnmeasuredFiles(input);
  const { directory, ...unmeasured } = input;
  return await planInChild({ unmeasured }, input, signal);
}

async function planInChild(
  job: PlanningJob,
  { directory, limits, subject }: PlanInput,
  signal: AbortSignal,
): Promise<ArchivePlan | UnknownSizes> {
  const answer = await run(job, directory, limits.planningMib, signal);
  if ('tooLarge' in answer) throw new InvalidInput('LimitExceeded', `${subject}: ${answer.tooLarge}`);
  const { result, rest } = answer;
  if ('filesOfUnknownSize' in result) return result;
  if (!('plan' in result)) throw new Error('the planning process returned no plan');
  return { ...result.plan, sortedDirectory: result.hasSortedDirectory ? rest : undefined };
}

/** Returns a function that does the same as `summarizeDirectory`. For a large directory, it does this in a child process. */
export const summarizeInChildIfLarge =
  ({ planningMib }: Pick<UnzipLimits, 'planningMib'>, signal: AbortSignal): Summarize =>
  async (directory, options) => {
    if (directory.length <= SMALL_DIRECTORY_BYTES) return summarizeDirectory(directory, options);
    const answer = await run({ summarize: options }, directory, planningMib, signal);
    if ('tooLarge' in answer) throw new ArchiveProblem('LimitExceeded', answer.tooLarge);
    const { result } = answer;
    if (!('summary' in result)) throw new Error('the planning process returned no summary');
    return result.summary;
  };

/**
 * Runs a job in a process of its own. Throws what the job throws. If the job needs too much memory, returns `tooLarge`
 * with the reason. If the machine had too little memory, runs the job once more while no other process runs.
 */
async function run(
  job: PlanningJob,
  directory: Buffer,
  planningMib: number,
  signal: AbortSignal,
): Promise<{ result: PlanningResult; rest: Buffer } | { tooLarge: string }> {
  const { heapMib, bytes } = planningMemory(directory.length, planningMib);
  for (const weight of [bytes, MAX_PROCESS_BYTES]) {
    const answer = await processes.run(
      () => runPlanningProcess(job, directory, heapMib, signal),
      weight,
      signal,
    );
    if (answer === 'heap')
      return { tooLarge: `its central directory needs more than ${heapMib} MiB of memory` };
    if (answer === 'memory') continue;
    const result = deserialize(answer.head) as PlanningResult;
    if ('lacking' in result) continue;
    if ('bug' in result) throw new Error(result.bug);
    if ('invalid' in result) throw new InvalidInput(result.invalid.type, result.invalid.message);
    if ('problem' in result) throw new ArchiveProblem(result.problem.type, result.problem.why);
    return { result, rest: answer.rest };
  }
  return {
    tooLarge: `its central directory of ${directory.length} bytes needs more memory than the worker has`,
  };
}
