import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  TimeoutFailure,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Archive, EventRef, FileTotals, UnzipPlan, UnzipResult } from '../domain/unzip/archive.ts';
import { runInParallel } from './run-in-parallel.ts';
import { bucketKey } from './search-attributes.ts';
import { type ProgressTracker, trackProgress } from './track-progress.ts';
import { unpackPart } from './unpack-part.ts';
import { cleanupActivitiesOn, sharedActivities } from './unzip-activity-proxies.ts';

/** The maximum number of concurrent parts of one archive over all workers. Each worker's own limit is lower. */
const PARALLEL_PARTS = 16;

export interface UnzipArchiveInput {
  readonly archive: Archive;
  readonly event: EventRef | null;
  /** The state that an earlier run of the same chain passed on. */
  readonly resume?: { readonly plan: UnzipPlan; readonly parts: number; readonly done: FileTotals };
}

/** Plans an archive, extracts its parts, and publishes the manifest last. Each destination has at most one open run. */
export async function unzipArchive({ archive, event, resume }: UnzipArchiveInput): Promise<UnzipResult> {
  const progress = trackProgress('files');
  progress.enter('plan', [{ key: bucketKey, value: archive.bucket }]);
  const runId = workflowInfo().firstExecutionRunId;
  const queues = new Set<string>();
  const errors: unknown[] = [];
  try {
    const plan = resume?.plan ?? (await sharedActivities.plan({ archive, runId }));
    if (resume === undefined) await sharedActivities.begin({ archive, runId });

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
      return await continueAsNew<typeof unzipArchive>({
        archive,
        event,
        resume: { plan: rest, parts, done },
      });
    }

    progress.enter('manifest');
    const expected = { files: plan.files, bytes: plan.bytes };
    const task = { archive, runId, event, parts, expected, skipped: plan.skipped > 0, report: plan.report };
    await sharedActivities.publish(task);
    await sharedActivities.tidy(task);
    progress.enter('done');
    const { destination, manifest } = archive;
    return { outcome: 'completed', note: '', ...expected, skipped: plan.skipped, destination, manifest };
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
    { lanes: PARALLEL_PARTS, mayStart, onError: (error) => errors.push(error) },
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
