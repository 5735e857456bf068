import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  TimeoutFailure,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Archive, EventRef, Tally, UnzipPlan, UnzipResult } from '../domain/unzip/archive.ts';
import { inLanes } from './lanes.ts';
import { type ProgressTracker, trackProgress } from './progress.ts';
import { bucketKey } from './search-attributes.ts';
import { unpackPart } from './unpack-part.ts';
import { cleaningOn, shared } from './unzip-activities.ts';

/** Parts of one archive under way at a time, over all workers; the workers' own bounds are lower. */
const LANES = 16;

export interface UnzipArchive {
  readonly archive: Archive;
  readonly event: EventRef | null;
  /** Where an earlier run of the same chain left off. */
  readonly resume?: { readonly plan: UnzipPlan; readonly parts: number; readonly done: Tally };
}

/** Plans an archive, unpacks its parts, and publishes the manifest last; one at a time per destination. */
export async function unzipArchive({ archive, event, resume }: UnzipArchive): Promise<UnzipResult> {
  const progress = trackProgress('files');
  progress.enter('plan', [{ key: bucketKey, value: archive.bucket }]);
  const runId = workflowInfo().firstExecutionRunId;
  const queues = new Set<string>();
  const errors: unknown[] = [];
  try {
    const plan = resume?.plan ?? (await shared.plan({ archive, runId }));
    if (resume === undefined) await shared.begin({ archive, runId });

    progress.enter('parts');
    const parts = resume?.parts ?? plan.parts.length;
    const before = resume?.done ?? { files: 0, bytes: 0 };
    const job = {
      archive,
      runId,
      plan: { directory: plan.directory, shift: plan.shift, naming: plan.naming },
    };
    const { done, taken } = await unpackParts(plan, before, { progress, errors }, (part) =>
      unpackPart({ ...job, part }, (queue) => queues.add(queue)),
    );
    if (taken < plan.parts.length) {
      const rest = { ...plan, parts: plan.parts.slice(taken) };
      return await continueAsNew<typeof unzipArchive>({
        archive,
        event,
        resume: { plan: rest, parts, done },
      });
    }

    progress.enter('manifest');
    const expected = { files: plan.files, bytes: plan.bytes };
    const task = { archive, runId, event, parts, expected, skipped: plan.skipped > 0 };
    await shared.publish(task);
    await shared.tidy(task);
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
  before: Tally,
  { progress, errors }: { progress: ProgressTracker; errors: unknown[] },
  unpack: (part: UnzipPlan['parts'][number]) => Promise<Tally>,
): Promise<{ done: Tally; taken: number }> {
  let done = before;
  const show = (): void => {
    progress.update({ done: done.files, total: plan.files, note: `${done.bytes} of ${plan.bytes} bytes` });
  };
  show();
  const more = (): boolean => !workflowInfo().continueAsNewSuggested;
  const taken = await inLanes(
    plan.parts,
    { lanes: LANES, more, onError: (error) => errors.push(error) },
    async (part) => {
      const { files, bytes } = await unpack(part);
      done = { files: done.files + files, bytes: done.bytes + bytes };
      show();
    },
  );
  return { done, taken };
}

/** Leaves nothing on the workers' disks; says in the memo when no write of this run can be under way any more. */
async function cleanUp(
  errors: readonly unknown[],
  runId: string,
  queues: ReadonlySet<string>,
): Promise<void> {
  await Promise.all(
    [...queues].map((queue) =>
      cleaningOn(queue)
        .discard({ runId })
        .catch(() => {}),
    ),
  );
  const silent = errors.some(
    (error) => error instanceof ActivityFailure && error.cause instanceof TimeoutFailure,
  );
  if (isCancellation(errors[0]) && !silent) upsertMemo({ quiet: true });
}
