import { HOPS } from '../../domain/hops.ts';
import type { EventRef, UnzipResult } from '../../domain/unzip/archive.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The run of `unzipObject` that a completion event is about. */
export interface AnnouncedRun {
  readonly bucket: string;
  readonly key: string;
  /** The workflow id of the run that ended. */
  readonly workflowId: string;
  /** The run id. If the workflow is retried, the new run has another run id and emits its own event. */
  readonly runId: string;
  readonly event: EventRef | null;
  /** The hop count of the emitted event: one more than that of the event that started the run. */
  readonly hops: number;
}

/** How a run ended, to be announced as an event. */
export interface Announcement extends AnnouncedRun {
  readonly end:
    | UnzipResult
    | { readonly outcome: 'failed'; readonly error: string; readonly message: string };
}

/**
 * Emits `sluice.unzip.completed` or `sluice.unzip.failed`. A retry of this activity emits the event with the same id.
 */
export function announce({ events }: UnzipDeps, announcement: Announcement): Promise<void> {
  const outgoing = toEvent(announcement);
  return withHeartbeat(
    () => outgoing.type,
    (signal) => events.emit(outgoing, signal),
  );
}

/**
 * Logs how a run ended, if no sink is configured. The last step of the run calls this, so that no further step is
 * needed. Returns `announced` if `announce` must not be called.
 */
export async function announceInLog(
  { events }: Pick<UnzipDeps, 'events'>,
  announcement: Announcement,
  signal: AbortSignal,
): Promise<{ announced?: true }> {
  if (events.delivers) return {};
  await events.emit(toEvent(announcement), signal);
  return { announced: true };
}

function toEvent({ end, event, hops, ...run }: Announcement): EmittedEvent {
  return {
    id: `${run.workflowId}/${run.runId}`,
    source: `/sluice/unzip/${encodeURIComponent(String(run.bucket))}`,
    type: end.outcome === 'failed' ? 'sluice.unzip.failed' : 'sluice.unzip.completed',
    subject: String(run.key),
    time: new Date().toISOString(),
    data: { bucket: run.bucket, key: run.key, ...end, event },
    extensions: { [HOPS]: String(hops), ...(event === null ? {} : { causationid: event.id }) },
  };
}
