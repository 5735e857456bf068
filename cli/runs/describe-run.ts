import { type WorkflowExecutionInfo, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { messageOf } from '../../domain/errors.ts';
import { CommandError } from '../command.ts';
import type { TemporalClient } from '../temporal-client.ts';

const PHASE = defineSearchAttributeKey('Phase', 'KEYWORD');

/** A run as `--json` prints it. Times are RFC 3339. For an open run, `tookMs` is the time until now. */
export interface RunSummary {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly status: string;
  readonly phase: string | null;
  readonly startTime: string;
  readonly closeTime: string | null;
  readonly tookMs: number;
}

/** The fields of Temporal's list and describe results that are used. */
export type RunInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'type' | 'status' | 'startTime' | 'typedSearchAttributes'
> & { readonly closeTime?: Date | undefined };

/** Converts a run of a Temporal list. */
export function toRunSummary(info: RunInfo, now = Date.now()): RunSummary {
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    workflowType: info.type,
    status: info.status.name,
    phase: info.typedSearchAttributes.get(PHASE) ?? null,
    startTime: info.startTime.toISOString(),
    closeTime: info.closeTime?.toISOString() ?? null,
    tookMs: (info.closeTime?.getTime() ?? now) - info.startTime.getTime(),
  };
}

/** Temporal's status name as text: `timed out`. */
export const statusText = (status: string): string => status.toLowerCase().replaceAll('_', ' ');

/** True if a run with this status ended without completing. `sluice runs retry` can start it again. */
export const hasFailed = (status: string): boolean =>
  ['FAILED', 'TIMED_OUT', 'CANCELLED', 'TERMINATED'].includes(status);

/** Describes the latest run with this id, or the run `runId`; undefined if it does not exist. */
export async function findRun({ client, call }: TemporalClient, workflowId: string, runId?: string) {
  try {
    return await call(() => client.workflow.getHandle(workflowId, runId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Describes the latest run with this id. Throws `CommandError` if it does not exist. */
export async function describeRun(temporal: TemporalClient, workflowId: string) {
  const run = await findRun(temporal, workflowId);
  if (run !== undefined) return run;
  const { namespace, address } = temporal.target;
  const where = `namespace ${namespace} of Temporal ${address}`;
  throw new CommandError(`there is no run ${JSON.stringify(workflowId)} in ${where}`);
}

/** Prints the planned change to standard error, such as `cancelling <id>`, with the namespace and the address. */
export function printTarget(change: string, { target }: TemporalClient): void {
  console.error(
    `${change}, in namespace ${target.namespace} of Temporal ${target.address} (from ${target.from})`,
  );
}

/** The result of a closed run, or its failure as one sentence. */
export interface RunOutcome {
  readonly result?: unknown;
  readonly failure?: string;
}

/** Reads the outcome of a closed run. */
export async function readRunOutcome({ client, call }: TemporalClient, run: RunInfo): Promise<RunOutcome> {
  try {
    const handle = client.workflow.getHandle(run.workflowId, run.runId, { followRuns: false });
    return { result: (await call(() => handle.result())) as unknown };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: rootErrorText(error) };
  }
}

/** Temporal wraps a failure at each level (workflow, child, activity). The innermost failure has the reason. */
function rootErrorText(error: Error): string {
  let innermost: Error = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  const type = 'type' in innermost && typeof innermost.type === 'string' ? `${innermost.type}: ` : '';
  return `${type}${messageOf(innermost, 2_000)}`;
}
