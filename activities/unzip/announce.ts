import { HOPS } from '../../domain/hops.ts';
import type { EventRef, UnzipResult } from '../../domain/unzip/archive.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** How an event's run ended, to be told to whoever listens. */
export interface Announcement {
  readonly bucket: string;
  readonly key: string;
  /** The run that ended; a run that is tried again has another, so each end is an event of its own. */
  readonly workflowId: string;
  readonly runId: string;
  readonly event: EventRef | null;
  /** Of the event that is emitted: a run that it starts is one more in the chain. */
  readonly hops: number;
  readonly end:
    | UnzipResult
    | { readonly outcome: 'failed'; readonly error: string; readonly message: string };
}

/** Emits `sluice.unzip.completed` or `sluice.unzip.failed`; sent again, it is the same event. */
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
