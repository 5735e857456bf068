import { HOPS } from '../../domain/hops.ts';
import type { EventRef, UnzipResult } from '../../domain/unzip/archive.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** How a run ended, to be announced as an event. */
export interface Announcement {
  readonly bucket: string;
  readonly key: string;
  /** The run that ended. If the workflow is retried, the new run has another run id and emits its own event. */
  readonly workflowId: string;
  readonly runId: string;
  readonly event: EventRef | null;
  /** The hop count of the emitted event: one more than that of the event that started the run. */
  readonly hops: number;
  readonly end:
    | UnzipResult
    | { readonly outcome: 'failed'; readonly error: string; readonly message: string };
}

/**
 * Emits `sluice.unzip.completed` or `sluice.unzip.failed`. A retry of this activity emits the event with the same id.
 */
export function announce({ events }: UnzipDeps, { end, event, hops, ...run }: Announcement): Promise<void> {
  const outgoing: EmittedEvent = {
    id: `${run.workflowId}/${run.runId}`,
    source: `/sluice/unzip/${encodeURIComponent(String(run.bucket))}`,
    type: end.outcome === 'failed' ? 'sluice.unzip.failed' : 'sluice.unzip.completed',
    subject: String(run.key),
    time: new Date().toISOString(),
    data: { bucket: run.bucket, key: run.key, ...end, event },
    extensions: { [HOPS]: String(hops), ...(event === null ? {} : { causationid: event.id }) },
  };
  return withHeartbeat(
    () => outgoing.type,
    (signal) => events.emit(outgoing, signal),
  );
}
