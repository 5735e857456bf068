import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { messageOf, Unavailable } from '../domain/errors.ts';
import { type Progress, workflowTypes } from '../domain/temporal-contract.ts';
import type { RefreshResult } from '../domain/weather/refresh-run.ts';
import { refreshSlotOf } from '../domain/weather/refresh-slots.ts';
import type { components } from './openapi-types.ts';
import type { RunCursors } from './run-cursor.ts';

type RefreshRun = components['schemas']['RefreshRun'];
type ListedRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const LIST_TIMEOUT_MS = 2_000;
/** Short, so that a missing worker does not delay the answer. */
const PROGRESS_TIMEOUT_MS = 800;
/** Maximum number of open runs that are queried. Usually, one run is open, and sometimes also a manual one. */
const MAX_PROGRESS_QUERIES = 5;

/** Temporal's statuses by number. */
const STATUSES = [
  ...(['unknown', 'running', 'completed', 'failed', 'canceled', 'terminated'] as const),
  ...(['continued-as-new', 'timed-out', 'paused'] as const),
];

/** Lists refresh runs. Throws `Unavailable` with the type `TemporalUnavailable` if Temporal does not answer. */
export async function listRefreshRuns(
  client: Client,
  cursors: RunCursors,
  { limit, cursor = '' }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly items: RefreshRun[]; readonly next: string | null }> {
  const { executions, nextPageToken } = await listExecutions(client, limit, cursors.read(cursor));
  const running = executions.filter(({ status }) => status === 1).slice(0, MAX_PROGRESS_QUERIES);
  const progress = new Map(
    await Promise.all(
      running.map(async ({ execution }) => {
        const runId = execution?.runId ?? '';
        return [runId, await queryProgress(client, execution?.workflowId ?? '', runId)] as const;
      }),
    ),
  );
  return {
    items: executions.map((run) => toRefreshRun(run, progress.get(run.execution?.runId ?? '') ?? null)),
    next: nextPageToken.length === 0 ? null : cursors.write(nextPageToken),
  };
}

async function listExecutions(client: Client, limit: number, token: Uint8Array = Buffer.alloc(0)) {
  try {
    return await client.withDeadline(Date.now() + LIST_TIMEOUT_MS, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: `WorkflowType = '${workflowTypes.refreshWeather}'`,
        pageSize: limit,
        nextPageToken: token,
      }),
    );
  } catch (error) {
    throw new Unavailable('TemporalUnavailable', `refreshes cannot be listed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function queryProgress(client: Client, workflowId: string, runId: string): Promise<Progress | null> {
  try {
    const run = client.workflow.getHandle(workflowId, runId);
    return await client.withDeadline(Date.now() + PROGRESS_TIMEOUT_MS, () => run.query<Progress>('progress'));
  } catch {
    return null;
  }
}

function toRefreshRun(run: ListedRun, progress: Progress | null): RefreshRun {
  const { execution, status, startTime, closeTime, memo } = run;
  const id = execution?.workflowId ?? '';
  const refreshMemo = memo?.fields?.refresh;
  // Sluice's own workflow writes this memo, so the api does not validate the memo.
  const result =
    refreshMemo == null ? undefined : defaultPayloadConverter.fromPayload<RefreshResult>(refreshMemo);
  return {
    id,
    runId: execution?.runId ?? '',
    slot: refreshSlotOf(id) ?? null,
    status: STATUSES[status ?? 0] ?? 'unknown',
    startTime: timeOf(startTime) ?? '',
    closeTime: timeOf(closeTime),
    provider: result?.provider ?? null,
    places: result?.places ?? null,
    allowance: result?.allowance ?? null,
    note: result?.note ?? progress?.note ?? '',
    counts: result === undefined ? null : countsOf(result),
    progress,
  };
}

function countsOf(result: RefreshResult): NonNullable<RefreshRun['counts']> {
  const { fresh, empty, skipped, failed, calls, written, unchanged } = result;
  return { fresh, empty, skipped, failed, calls, written, unchanged };
}

const timeOf = (time: ListedRun['startTime']): string | null =>
  time == null ? null : new Date(tsToMs(time)).toISOString();
