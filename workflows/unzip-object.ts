import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  isCancellation,
  log,
  ParentClosePolicy,
  patched,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnnouncedRun, Announcement } from '../activities/unzip/announce.ts';
import { markdownText } from '../domain/markdown-text.ts';
import type { Archive, EventRef, UnzipObjectInput, UnzipResult } from '../domain/unzip/archive.ts';
import { inspectObject } from './inspect-object.ts';
import { nextHops } from './next-hops.ts';
import { joinRun, resolveRunConflict } from './resolve-run-conflict.ts';
import { meansSuperseded, rootFailureOf } from './root-failure.ts';
import { bucketAttribute, phaseKey } from './search-attributes.ts';
import { trackProgress } from './track-progress.ts';
import { announceActivities, sharedActivities } from './unzip-activity-proxies.ts';
import { ONE_STEP, unzipArchive } from './unzip-archive.ts';

/** Extracts the archive that an event is about, unless the archive was replaced. Emits the result as an event. */
export async function unzipObject(input: UnzipObjectInput): Promise<UnzipResult> {
  const progress = trackProgress('files');
  const bucket = bucketAttribute(String(input.bucket));
  const supportsOneStep = patched(ONE_STEP);
  if (supportsOneStep) progress.enterFirst('plan', [bucket]);
  else progress.enter('plan', [bucket]);
  const { workflowId, runId, memo } = workflowInfo();
  const event = toEventRef(memo?.event as EventRef | undefined);
  const run = { bucket: input.bucket, key: input.key, workflowId, runId, event, hops: nextHops() };
  const onRun = ({ small }: Archive, note: string): void => {
    if (supportsOneStep && small) progress.show('parts');
    else progress.enter('parts');
    progress.update({ note });
  };
  try {
    const { announced, ...end } = await unzipOrJoin(input, { run, supportsOneStep }, onRun);
    if (end.outcome === 'completed' && !announced) await announceEnd({ ...run, end });
    progress.update({ done: end.files ?? 0, total: end.files ?? 0, note: end.note || end.outcome });
    progress.enter('done');
    return end;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { type, message } = rootFailureOf(error);
    await announceEnd({ ...run, end: { outcome: 'failed', error: type, message } });
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
  { run, supportsOneStep }: { run: AnnouncedRun; supportsOneStep: boolean },
  onRun: (archive: Archive, note: string) => void,
): Promise<UnzipResult> {
  for (;;) {
    const inspected = await (supportsOneStep ? inspectObject(input) : sharedActivities.inspect(input));
    if (inspected.outcome !== 'archive') return { outcome: inspected.outcome, note: inspected.note };
    const { workflowId } = inspected;
    let { archive } = inspected;
    if (supportsOneStep && archive.small) {
      onRun(archive, '');
      const end = await unzipSmall(archive, run);
      if (end !== 'large' && end !== 'busy') return end;
      if (end === 'large') archive = { ...archive, small: false };
    }
    onRun(archive, `extracted by ${workflowId}`);
    try {
      return await runArchive(
        workflowId,
        archive,
        supportsOneStep ? { event: run.event, parent: run } : { event: run.event },
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const end = await resolveRunConflict(input, inspected);
    if (end !== undefined) return end;
  }
}

/**
 * Unpacks a small archive in this run. If `unzipArchive` must unpack it, returns why. `large`: the archive turned out
 * to be large. `busy`: another run is extracting it, and this run cannot take over that run's result.
 */
async function unzipSmall(archive: Archive, parent: AnnouncedRun): Promise<UnzipResult | 'large' | 'busy'> {
  const { workflowId, firstExecutionRunId: runId } = workflowInfo();
  const run = { workflowId, runId, workflow: 'unzipObject' as const };
  try {
    const result = await sharedActivities.unpackSmall({ archive, run, event: parent.event, parent });
    if (result.outcome === 'large') return 'large';
    if (result.outcome !== 'busy') return result;
    const { by } = result;
    const isSame = by.workflow === 'unzipObject' && by.etag === archive.etag;
    return (isSame ? await joinRun({ workflowId: by.workflowId, runId: by.runId }) : undefined) ?? 'busy';
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { type, message } = rootFailureOf(error);
    if (meansSuperseded(type)) return { outcome: 'superseded', note: message };
    throw error;
  }
}

async function runArchive(
  workflowId: string,
  archive: Archive,
  { event, parent }: { event: EventRef | null; parent?: AnnouncedRun },
): Promise<UnzipResult> {
  const attributes = [
    bucketAttribute(archive.bucket),
    // A small archive has no phases.
    ...(archive.small ? [] : [{ key: phaseKey, value: 'plan' }]),
  ];
  const child = await startChild(unzipArchive, {
    workflowId,
    args: [parent === undefined ? { archive, event } : { archive, event, parent }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    memo: { etag: archive.etag, key: archive.key, ...(event === null ? {} : { event }) },
    staticSummary: markdownText(`oss://${archive.bucket}/${archive.key}`, 200),
    ...(parent === undefined ? {} : { typedSearchAttributes: attributes }),
  });
  try {
    return await child.result();
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure) || CancellationScope.current().consideredCancelled)
      throw error;
    if (isCancellation(error))
      return { outcome: 'superseded', note: 'stopped because a newer version has replaced it' };
    const { type, message } = rootFailureOf(error);
    if (meansSuperseded(type)) return { outcome: 'superseded', note: message };
    throw error;
  }
}

const toEventRef = (about: EventRef | undefined): EventRef | null =>
  about === undefined ? null : { source: about.source, id: about.id };
