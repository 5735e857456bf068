import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  patched,
  TimeoutFailure,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnnouncedRun } from '../activities/unzip/announce.ts';
import type { Archive, EventRef, FileTotals, UnzipPlan, UnzipResult } from '../domain/unzip/archive.ts';
import { runInParallel } from './run-in-parallel.ts';
import { bucketAttribute } from './search-attributes.ts';
import { type ProgressTracker, trackProgress } from './track-progress.ts';
import { unpackPart } from './unpack-part.ts';
import { cleanupActivitiesOn, sharedActivities } from './unzip-activity-proxies.ts';

/** The maximum number of concurrent parts of one archive over all workers. Each worker has its limit SLUICE_PARTS. */
const PARALLEL_PARTS = 16;

/**
 * Marks the runs that were started by a version of Sluice that can unpack a small archive in one step. A run of an
 * earlier version continues as it began.
 */
export const ONE_STEP = 'one-step';

export interface UnzipArchiveInput {
  readonly archive: Archive;
  readonly event: EventRef | null;
  /** The run that started this one. Absent in runs that an earlier version of Sluice started. */
  readonly parent?: AnnouncedRun;
  /** The state that an earlier run of the same chain passed on. */
  readonly resume?: { readonly plan: UnzipPlan; readonly parts: number; readonly done: FileTotals };
}

/**
 * Unpacks an archive: a small one in one step, a larger one in parts. Each destination has at most one open run.
 */
export async function unzipArchive(input: UnzipArchiveInput): Promise<UnzipResult> {
  const { archive, event, parent, resume } = input;
  const progress = trackProgress('files');
  const { workflowId, firstExecutionRunId: runId } = workflowInfo();
  const queues = new Set<string>();
  const errors: unknown[] = [];
  const bucket = bucketAttribute(archive.bucket);
  try {
    const supportsOneStep = parent !== undefined && patched(ONE_STEP);
    const run = supportsOneStep ? { workflowId, runId, workflow: 'unzipArchive' as const } : undefined;
    if (run !== undefined && parent !== undefined && archive.small) {
      progress.show('parts');
      const result = await sharedActivities.unpackSmall({ archive, run, event, parent });
      if (result.outcome === 'completed') return result;
    }
    if (supportsOneStep) progress.enterFirst('plan', [bucket]);
    else progress.enter('plan', [bucket]);
    const withRun = run === undefined ? {} : { run };
    const plan = resume?.plan ?? (await sharedActivities.plan({ archive, runId, ...withRun }));
    if (resume === undefined) await sharedActivities.begin({ archive, runId, ...withRun });

    progress.enter('parts');
    const parts = resume?.parts ?? plan.parts.length;
    const before = resume?.done ?? { files: 0, bytes: 0 };
    const job = {
      archive,
      runId,
      plan: { directory: plan.directory, shift: plan.shift, naming: plan.naming },
    };
    const { done, startedParts } = await unpackParts(plan, before, { progress, errors }, (part) =>
      unpackPart({ ...job, part }, (queue) => queues.add(queue)),
    );
    if (startedParts < plan.parts.length) {
      const rest = { ...plan, parts: plan.parts.slice(startedParts) };
      return await continueAsNew<typeof unzipArchive>({ ...input, resume: { plan: rest, parts, done } });
    }

    progress.enter('manifest');
    const expected = { files: plan.files, bytes: plan.bytes };
    const about = { archive, runId, event, parts, expected, ...withRun };
    const task = { ...about, skipped: plan.skipped > 0, report: plan.report };
    await sharedActivities.publish(task);
    const { destination, manifest } = archive;
    const completed = { outcome: 'completed' as const, note: '', ...expected };
    const end = { ...completed, skipped: plan.skipped, destination, manifest };
    const ended = parent === undefined ? {} : { ended: { ...parent, end } };
    const announced = await sharedActivities.tidy({ ...task, ...ended });
    progress.enter('done');
    return { ...end, ...announced };
  } catch (error) {
    await CancellationScope.nonCancellable(() => cleanUp([error, ...errors], runId, queues));
    throw error;
  }
}

async function unpackParts(
  plan: UnzipPlan,
  before: FileTotals,
  { progress, errors }: { progress: ProgressTracker; errors: unknown[] },
  unpack: (part: UnzipPlan['parts'][number]) => Promise<FileTotals>,
): Promise<{ done: FileTotals; startedParts: number }> {
  let done = before;
  const show = (): void => {
    progress.update({ done: done.files, total: plan.files, note: `${done.bytes} of ${plan.bytes} bytes` });
  };
  show();
  const mayStart = (): boolean => !workflowInfo().continueAsNewSuggested;
  const startedParts = await runInParallel(
    plan.parts,
    { parallel: PARALLEL_PARTS, mayStart, onError: (error) => errors.push(error) },
    async (part) => {
      const { files, bytes } = await unpack(part);
      done = { files: done.files + files, bytes: done.bytes + bytes };
      show();
    },
  );
  return { done, startedParts };
}

/** Deletes the run's files on the workers' disks. Sets `quiet` in the memo if no write of this run can be in flight. */
async function cleanUp(
  errors: readonly unknown[],
  runId: string,
  queues: ReadonlySet<string>,
): Promise<void> {
  await Promise.all(
    [...queues].map((queue) =>
      cleanupActivitiesOn(queue)
        .discard({ runId })
        .catch(() => {}),
    ),
  );
  const timedOut = errors.some(
    (error) => error instanceof ActivityFailure && error.cause instanceof TimeoutFailure,
  );
  if (isCancellation(errors[0]) && !timedOut) upsertMemo({ quiet: true });
}
