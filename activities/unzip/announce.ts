import type { EventRef, UnzipResult } from '../../domain/unzip/archive.ts';
import type { OutgoingEvent } from '../../ports/event-sink.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './ports.ts';

/** How an event's run ended, to be told to whoever listens. */
export interface Announcement {
  readonly bucket: string;
  readonly key: string;
  /** The run that ended; a run that is tried again has another, so each end is an event of its own. */
  readonly workflowId: string;
  readonly runId: string;
  readonly event: EventRef | null;
  readonly end:
    | UnzipResult
    | { readonly outcome: 'failed'; readonly error: string; readonly message: string };
}

/** Emits `sluice.unzip.completed` or `sluice.unzip.failed`; sent again, it is the same event. */
export function announce({ events }: UnzipDeps, { end, event, ...run }: Announcement): Promise<void> {
  const outgoing: OutgoingEvent = {
    id: `${run.workflowId}/${run.runId}`,
    source: `/sluice/unzip/${encodeURIComponent(String(run.bucket))}`,
    type: end.outcome === 'failed' ? 'sluice.unzip.failed' : 'sluice.unzip.completed',
    subject: String(run.key),
    time: new Date().toISOString(),
    data: { bucket: run.bucket, key: run.key, ...end, event },
    ...(event === null ? {} : { extensions: { causationid: event.id } }),
  };
  return withHeartbeat(
    () => outgoing.type,
    (signal) => events.emit(outgoing, signal),
  );
}
