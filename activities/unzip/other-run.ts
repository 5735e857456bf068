import { setTimeout as delay } from 'node:timers/promises';
import type { RunEnd } from '../../ports/run-control.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './ports.ts';

/**
 * A write that a stopped run had begun may still be under way this long: the time in which a frozen worker finds out
 * that it was given up, and the deadline of the largest single write.
 */
export const WRITE_MS = 45_000;

export interface OtherRunTask {
  readonly workflowId: string;
  readonly runId: string;
}

/** What stands in the way of starting an archive's run: an open run, of the same version or another; or nothing. */
export function findOther(
  { runs }: UnzipDeps,
  { workflowId, etag }: { workflowId: string; etag: string },
): Promise<{ runId: string; same: boolean } | null> {
  return withHeartbeat(
    () => workflowId,
    async (signal) => {
      const run = await runs.find(workflowId, signal);
      return run?.open ? { runId: run.runId, same: run.etag === etag } : null;
    },
  );
}

/** Waits until the run has ended. */
export function awaitOther({ runs }: UnzipDeps, { workflowId, runId }: OtherRunTask): Promise<RunEnd> {
  return withHeartbeat(
    () => `waiting for ${workflowId}`,
    (signal) => runs.ended(workflowId, runId, signal),
  );
}

/** Stops the run, and answers when none of its writes can still be under way. */
export function stopOther({ runs }: UnzipDeps, { workflowId, runId }: OtherRunTask): Promise<RunEnd> {
  return withHeartbeat(
    () => `stopping ${workflowId}`,
    async (signal) => {
      await runs.cancel(workflowId, runId, signal);
      const end = await runs.ended(workflowId, runId, signal);
      // A run that stopped in good order has waited for its own writes.
      const orderly = end.status === 'cancelled' && end.quiet;
      if (!orderly) await delay(WRITE_MS, undefined, { signal });
      return end;
    },
  );
}
