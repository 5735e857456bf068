import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { InspectResult } from '../activities/unzip/inspect.ts';
import type { OtherRunTask } from '../activities/unzip/other-run.ts';
import { archiveLabel, type UnzipObjectInput, type UnzipResult } from '../domain/unzip/archive.ts';
import { meansSuperseded } from './root-failure.ts';
import { otherRunActivities, sharedActivities } from './unzip-activity-proxies.ts';

/**
 * Resolves a conflict with an open run for the same destination. If that run extracts the same version of this archive,
 * waits for its result. If it extracts another version, and the version in this event is still the current one, stops
 * that run. Throws `DestinationTaken` if that run extracts another archive. Returns the result for this event, or
 * undefined if the caller should try again.
 */
export async function resolveRunConflict(
  input: UnzipObjectInput,
  { archive, workflowId }: Extract<InspectResult, { outcome: 'archive' }>,
): Promise<UnzipResult | undefined> {
  const other = await sharedActivities.findOther({ workflowId, key: archive.key, etag: archive.etag });
  if (other === null) return undefined;
  const { runId, sameKey, sameVersion } = other;
  if (sameKey && !sameVersion) {
    const current = await sharedActivities.inspect(input);
    if (current.outcome !== 'archive') return { outcome: current.outcome, note: current.note };
    if (current.archive.etag === archive.etag) {
      const lastWriteMs = await otherRunActivities.stopOther({ workflowId, runId });
      await sleep(lastWriteMs);
    }
    return undefined;
  }
  if (sameKey) return await joinRun({ workflowId, runId });
  // Another archive has the same destination, such as a.zip and a.ZIP.
  if (other.key !== undefined) {
    const { destination } = archive;
    const why = `${destination} is taken: oss://${archive.bucket}/${other.key} is being extracted`;
    throw ApplicationFailure.nonRetryable(`${archiveLabel(archive)}: ${why}`, 'DestinationTaken');
  }
  // `key` is absent if an earlier version of Sluice recorded the result of `findOther`, or started the other run. Such
  // runs must continue as in that version: wait for the other run, then try again.
  await otherRunActivities.awaitOther({ workflowId, runId });
  return undefined;
}

/** Waits for the end of another run that extracts the same version. Returns its result; undefined if there is none. */
export async function joinRun(other: OtherRunTask): Promise<UnzipResult | undefined> {
  const end = await otherRunActivities.awaitOther(other);
  switch (end.status) {
    case 'completed': {
      // `announced` is about the event of the other run. This run must still emit its own event.
      const { announced: _, ...result } = end.result as UnzipResult;
      return { ...result, note: `joined the open run of ${other.workflowId}` };
    }
    case 'failed':
      if (meansSuperseded(end.type)) return undefined;
      throw ApplicationFailure.nonRetryable(end.message, end.type);
    case 'cancelled':
      return undefined;
    default:
      return end satisfies never;
  }
}
