import { Unavailable } from '../../domain/errors.ts';
import type { RunOutcome } from '../../ports/run-control.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/**
 * A write of a stopped run may still be in flight for this long. It is the sum of two times: the time until a paused
 * worker notices that it has lost its activity, and the timeout of a single PUT. Streaming writes need no further
 * time, because the worker aborts them as soon as it notices.
 */
const LAST_WRITE_MS = 45_000;

/** The interval at which Temporal retries the check for an open run. Between two checks no worker slot is occupied. */
const POLL_MS = 2_000;

export interface OtherRunTask {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The open run that blocks the start of a run for this archive, because both have the same workflow id. If `sameKey` is
 * true, the open run extracts the same archive. If `sameVersion` is true, it also extracts the same version.
 */
export interface OtherRunFound {
  readonly runId: string;
  readonly sameKey: boolean;
  readonly sameVersion: boolean;
  /**
   * The key of the archive that the open run extracts. Absent if an earlier version of Sluice recorded this result, or
   * started the open run.
   */
  readonly key?: string;
}

export function findOther(
  { runs }: UnzipDeps,
  { workflowId, key, etag }: { workflowId: string; key: string; etag: string },
): Promise<OtherRunFound | null> {
  return withHeartbeat(
    () => workflowId,
    async (signal) => {
      const run = await runs.find(workflowId, signal);
      if (!run?.open) return null;
      const sameKey = run.key === key;
      return {
        runId: run.runId,
        sameKey,
        sameVersion: sameKey && run.etag === etag,
        ...(run.key === undefined ? {} : { key: run.key }),
      };
    },
  );
}

/** Returns how the run ended. Throws a retryable error while the run is open. */
export function awaitOther({ runs }: UnzipDeps, { workflowId, runId }: OtherRunTask): Promise<RunOutcome> {
  return withHeartbeat(
    () => `waiting for ${workflowId}`,
    async (signal) => {
      const end = await runs.outcome(workflowId, runId, signal);
      if (end !== undefined) return end;
      throw new Unavailable('StillRunning', `${workflowId} is still running`, { afterMs: POLL_MS });
    },
  );
}

/**
 * Cancels the run. Resolves to the time in ms for which a write of the cancelled run may still be in flight. Throws a
 * retryable error until the run has ended.
 */
export function stopOther({ runs }: UnzipDeps, { workflowId, runId }: OtherRunTask): Promise<number> {
  return withHeartbeat(
    () => `stopping ${workflowId}`,
    async (signal) => {
      await runs.cancel(workflowId, runId, signal);
      const end = await runs.outcome(workflowId, runId, signal);
      if (end === undefined) {
        throw new Unavailable('StillRunning', `${workflowId} is still stopping`, { afterMs: POLL_MS });
      }
      // A run that completed, or stopped cleanly, has waited for its own writes.
      return end.status === 'completed' || (end.status === 'cancelled' && end.quiet) ? 0 : LAST_WRITE_MS;
    },
  );
}
