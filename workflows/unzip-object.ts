import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  isCancellation,
  log,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { Announcement } from '../activities/unzip/announce.ts';
import type { Archive, EventRef, UnzipObjectInput, UnzipResult } from '../domain/unzip/archive.ts';
import { nextHops } from './next-hops.ts';
import { resolveRunConflict } from './resolve-run-conflict.ts';
import { isSuperseding, rootFailureOf } from './root-failure.ts';
import { bucketKey } from './search-attributes.ts';
import { trackProgress } from './track-progress.ts';
import { announceActivities, sharedActivities } from './unzip-activity-proxies.ts';
import { unzipArchive } from './unzip-archive.ts';

/** Extracts the archive that an event is about, unless the archive was replaced. Emits the result as an event. */
export async function unzipObject(input: UnzipObjectInput): Promise<UnzipResult> {
  const progress = trackProgress('files');
  progress.enter('plan', [{ key: bucketKey, value: String(input.bucket) }]);
  const { workflowId, runId, memo } = workflowInfo();
  const event = toEventRef(memo?.event as EventRef | undefined);
  const about = { bucket: input.bucket, key: input.key, workflowId, runId, event, hops: nextHops() };
  try {
    const end = await unzipOrJoin(input, event, (note) => {
      progress.enter('parts');
      progress.update({ note });
    });
    if (end.outcome === 'completed') await announceEnd({ ...about, end });
    progress.update({ done: end.files ?? 0, total: end.files ?? 0, note: end.note || end.outcome });
    progress.enter('done');
    return end;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { type, message } = rootFailureOf(error);
    await announceEnd({ ...about, end: { outcome: 'failed', error: type, message } });
    throw ApplicationFailure.nonRetryable(message, type);
  }
}

/** Emits the result of a run. If the sink rejects that event, the result of the run stays the same. */
async function announceEnd(announcement: Announcement): Promise<void> {
  try {
    await announceActivities.announce(announcement);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the sink did not accept the completion event', { error: rootFailureOf(error).message });
  }
}

/**
 * Inspects the object, then starts the run for its destination, or resolves a conflict with an open run. Repeats both
 * steps until the event is handled.
 */
async function unzipOrJoin(
  input: UnzipObjectInput,
  event: EventRef | null,
  onRun: (note: string) => void,
): Promise<UnzipResult> {
  for (;;) {
    const inspected = await sharedActivities.inspect(input);
    if (inspected.outcome !== 'archive') return { outcome: inspected.outcome, note: inspected.note };
    onRun(`extracted by ${inspected.workflowId}`);
    try {
      return await runArchive(inspected.workflowId, inspected.archive, event);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const end = await resolveRunConflict(input, inspected);
    if (end !== undefined) return end;
  }
}

async function runArchive(
  workflowId: string,
  archive: Archive,
  event: EventRef | null,
): Promise<UnzipResult> {
  const child = await startChild(unzipArchive, {
    workflowId,
    args: [{ archive, event }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    memo: { etag: archive.etag, key: archive.key, ...(event === null ? {} : { event }) },
    staticSummary: `oss://${archive.bucket}/${archive.key}`,
  });
  try {
    return await child.result();
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure) || CancellationScope.current().consideredCancelled)
      throw error;
    if (isCancellation(error))
      return { outcome: 'superseded', note: 'stopped because a newer version has replaced it' };
    const { type, message } = rootFailureOf(error);
    if (isSuperseding(type)) return { outcome: 'superseded', note: message };
    throw error;
  }
}

const toEventRef = (about: EventRef | undefined): EventRef | null =>
  about === undefined ? null : { source: about.source, id: about.id };
