import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { Unavailable } from '../../domain/errors.ts';
import type { RunControl, RunOutcome } from '../../ports/run-control.ts';

/** Timeout of one short call, in milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** Controls runs through the Temporal server. A call fails as `TemporalUnavailable` after `callTimeoutMs`. */
export function temporalRunControl(client: Client, callTimeoutMs = CALL_TIMEOUT_MS): RunControl {
  const withCallTimeout = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + callTimeoutMs, call),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowFailedError) throw error;
      throw new Unavailable('TemporalUnavailable', `Temporal did not answer: ${String(error)}`, {
        cause: error,
      });
    }
  };

  return {
    async find(workflowId, signal) {
      try {
        const run = await withCallTimeout(signal, () => client.workflow.getHandle(workflowId).describe());
        return { runId: firstRunId(run), open: run.status.name === 'RUNNING', ...readArchiveMemo(run.memo) };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    async outcome(workflowId, runId, signal) {
      try {
        const latest = await withCallTimeout(signal, () => client.workflow.getHandle(workflowId).describe());
        const open = latest.status.name === 'RUNNING';
        if (open && firstRunId(latest) === runId) return undefined;
        const handle = client.workflow.getHandle(workflowId, runId);
        return { status: 'completed', result: await withCallTimeout(signal, () => handle.result()) };
      } catch (error) {
        signal.throwIfAborted();
        const end = outcomeFromError(error);
        if (end.status !== 'cancelled' || error instanceof WorkflowNotFoundError) return end;
        const { memo } = await withCallTimeout(signal, () =>
          client.workflow.getHandle(workflowId, runId).describe(),
        );
        return { ...end, quiet: memo?.quiet === true };
      }
    },

    async cancel(workflowId, runId, signal) {
      const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
      try {
        await withCallTimeout(signal, () => handle.cancel());
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

const firstRunId = ({ runId, raw }: WorkflowExecutionDescription): string =>
  raw.workflowExecutionInfo?.firstRunId || runId;

function readArchiveMemo(memo: Record<string, unknown> | undefined): {
  key: string | undefined;
  etag: string | undefined;
} {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { key: text(memo?.key), etag: text(memo?.etag) };
}

/** Returns the outcome of a run from the error of its result. The innermost failure has the type and message. */
function outcomeFromError(error: unknown): RunOutcome {
  if (error instanceof WorkflowNotFoundError) return { status: 'cancelled', quiet: false };
  if (!(error instanceof WorkflowFailedError)) throw error;
  let cause: unknown = error.cause;
  if (cause instanceof CancelledFailure) return { status: 'cancelled', quiet: false };
  while (cause instanceof TemporalFailure && !(cause instanceof ApplicationFailure) && cause.cause)
    cause = cause.cause;
  if (cause instanceof ApplicationFailure) {
    return { status: 'failed', type: cause.type ?? 'Failed', message: cause.message };
  }
  const { name, message } = cause instanceof Error ? cause : error;
  return { status: 'failed', type: name, message };
}
