import { Unavailable } from '../../domain/errors.ts';
import type { RunOutcome } from '../../ports/run-control.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/**
 * A write that a stopped run had begun may still be under way this long: the time in which a frozen worker finds out
 * that it was given up, and the deadline of a write in one piece. Streams are cut off when that is found out.
 */
const LAST_WRITE_MS = 45_000;

/** An open run is looked at again after this long; in between, nobody's slot is held. */
const POLL_MS = 2_000;

export interface OtherRunTask {
  readonly workflowId: string;
  readonly runId: string;
}

/** The open run that stands in the way of starting an archive's: of the same archive and version, or of another. */
export interface OtherRunFound {
  readonly runId: string;
  readonly sameKey: boolean;
  readonly sameVersion: boolean;
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
      return { runId: run.runId, sameKey, sameVersion: sameKey && run.etag === etag };
    },
  );
}

/** How the run ended; fails to be retried while it is open. */
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
 * Stops the run, and answers how many milliseconds a write of its may still be under way; fails to be retried until it
 * has ended.
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
      // A run that completed, or stopped in good order, has waited for its own writes.
      return end.status === 'completed' || (end.status === 'cancelled' && end.quiet) ? 0 : LAST_WRITE_MS;
    },
  );
}
