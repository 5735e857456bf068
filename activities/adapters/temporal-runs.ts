import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Unavailable } from '../../domain/errors.ts';
import type { RunControl, RunEnd } from '../../ports/run-control.ts';

/** Deadline of one short call, in milliseconds. */
const CALL_MS = 10_000;

/** Runs as Temporal's own server knows them. */
export function temporalRuns(client: Client): RunControl {
  const shortly = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withAbortSignal(signal, () => client.withDeadline(Date.now() + CALL_MS, call));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WorkflowNotFoundError) throw error;
      throw new Unavailable('TemporalUnavailable', `Temporal did not answer: ${String(error)}`, {
        cause: error,
      });
    }
  };

  return {
    async find(workflowId, signal) {
      try {
        const run = await shortly(signal, () => client.workflow.getHandle(workflowId).describe());
        const first = run.raw.workflowExecutionInfo?.firstRunId;
        return {
          runId: first || run.runId,
          open: run.status.name === 'RUNNING',
          etag: typeof run.memo?.etag === 'string' ? run.memo.etag : undefined,
        };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    async ended(workflowId, runId, signal) {
      const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
      try {
        return { status: 'completed', result: await client.withAbortSignal(signal, () => handle.result()) };
      } catch (error) {
        signal.throwIfAborted();
        const end = endOf(error);
        if (end.status !== 'cancelled' || error instanceof WorkflowNotFoundError) return end;
        const { memo } = await shortly(signal, () => handle.describe());
        return { ...end, quiet: memo?.quiet === true };
      }
    },

    async cancel(workflowId, runId, signal) {
      const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
      try {
        await shortly(signal, () => handle.cancel());
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

function endOf(error: unknown): RunEnd {
  if (error instanceof WorkflowNotFoundError) return { status: 'cancelled', quiet: false };
  if (!(error instanceof WorkflowFailedError)) {
    throw new Unavailable('TemporalUnavailable', `Temporal did not answer: ${String(error)}`, {
      cause: error,
    });
  }
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    return { status: 'failed', type: cause.type ?? 'Failed', message: cause.message };
  }
  if (cause instanceof CancelledFailure) return { status: 'cancelled', quiet: false };
  return { status: 'failed', type: cause?.name ?? 'Failed', message: cause?.message ?? error.message };
}
