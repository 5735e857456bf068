import { type WorkflowExecutionInfo, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { messageOf } from '../../domain/errors.ts';
import { CommandError } from '../command.ts';
import type { TemporalClient } from '../temporal-client.ts';

const PHASE = defineSearchAttributeKey('Phase', 'KEYWORD');

/** One run as `--json` prints it; times in RFC 3339, `tookMs` up to now while it runs. */
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

/** What is needed of a list's or a description's entry. */
export type RunInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'type' | 'status' | 'startTime' | 'typedSearchAttributes'
> & { readonly closeTime?: Date | undefined };

/** What a list shows of a run. */
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

/** Temporal's name of a status for people: `timed out`. */
export const statusText = (status: string): string => status.toLowerCase().replaceAll('_', ' ');

/** Whether a run of this status ended without completing: what `sluice runs retry` begins again. */
export const hasFailed = (status: string): boolean =>
  ['FAILED', 'TIMED_OUT', 'CANCELLED', 'TERMINATED'].includes(status);

/** Describes the latest run with this id, or the one that `runId` names; undefined when there is none. */
export async function findRun({ client, call }: TemporalClient, workflowId: string, runId?: string) {
  try {
    return await call(() => client.workflow.getHandle(workflowId, runId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Describes the latest run with this id; one sentence when there is none. */
export async function describeRun(temporal: TemporalClient, workflowId: string) {
  const run = await findRun(temporal, workflowId);
  if (run !== undefined) return run;
  const { namespace, address } = temporal.target;
  const looked = `namespace ${namespace} of Temporal ${address}`;
  throw new CommandError(`there is no run ${JSON.stringify(workflowId)} in ${looked}`);
}

/** Says on standard error what is about to be changed, and where. */
export function printTarget(what: string, { target }: TemporalClient): void {
  console.error(
    `${what}, in namespace ${target.namespace} of Temporal ${target.address} (from ${target.from})`,
  );
}

/** What a closed run answered, or the sentence of what it failed with. */
export interface RunOutcome {
  readonly result?: unknown;
  readonly failure?: string;
}

/** The outcome of a closed run. */
export async function readRunOutcome({ client, call }: TemporalClient, run: RunInfo): Promise<RunOutcome> {
  try {
    const handle = client.workflow.getHandle(run.workflowId, run.runId, { followRuns: false });
    return { result: (await call(() => handle.result())) as unknown };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: rootErrorText(error) };
  }
}

/** Temporal wraps a failure once a level (workflow, child, activity); the innermost says what happened. */
function rootErrorText(error: Error): string {
  let innermost: Error = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  const type = 'type' in innermost && typeof innermost.type === 'string' ? `${innermost.type}: ` : '';
  return `${type}${messageOf(innermost, 2_000)}`;
}
