import type { ParkedMemo, ParkedRequest } from '../../domain/parked-request.ts';
import { workflowTypes } from '../../domain/temporal-contract.ts';
import { CommandError } from '../command.ts';
import { describeRun, type RunInfo } from '../runs/describe-run.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { matchesFilter, type ParkedFilter } from './filter.ts';

const LIST_MS = 60_000;
const PAGE_SIZE = 1_000;

/** A parked request, as a list shows it. */
export interface ParkedRun {
  /** `parked:<h>`. */
  readonly id: string;
  readonly runId: string;
  /** Temporal's name of it: `RUNNING` while nobody has dealt with it. */
  readonly runStatus: string;
  readonly parkedAt: string;
  readonly memo: ParkedMemo;
}

/** Up to `limit` parked requests that fit a filter, newest first; those already settled only with `settled`. */
export function listParked(
  { client, call }: TemporalClient,
  filter: ParkedFilter,
  { limit, settled }: { readonly limit: number; readonly settled: boolean },
): Promise<ParkedRun[]> {
  const query = [
    `WorkflowType = "${workflowTypes.parkedEvent}"`,
    ...(settled ? [] : ['ExecutionStatus = "Running"']),
    ...(filter.since === undefined ? [] : [`StartTime >= "${filter.since.toISOString()}"`]),
    ...(filter.until === undefined ? [] : [`StartTime <= "${filter.until.toISOString()}"`]),
  ].join(' AND ');
  return call(async () => {
    const found: ParkedRun[] = [];
    for await (const run of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
      const parked = toParkedRun(run);
      if (matchesFilter(parked.memo, filter)) found.push(parked);
      // Temporal lists open runs by their start, but closed ones by their end.
      if (!settled && found.length === limit) break;
    }
    return found.sort((a, b) => Date.parse(b.parkedAt) - Date.parse(a.parkedAt)).slice(0, limit);
  }, LIST_MS);
}

/** The parked request of this id; throws `CommandError` when there is none, or the id is another run's. */
export async function findParked(temporal: TemporalClient, id: string): Promise<ParkedRun> {
  const run = await describeRun(temporal, id);
  if (run.type === workflowTypes.parkedEvent) return toParkedRun(run);
  throw new CommandError(`run ${id} is no parked request: it is of type ${run.type}`);
}

/** All of a parked request: the argument of its run. */
export async function readParked(
  { client, target, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
): Promise<ParkedRequest> {
  const { history } = await call(() =>
    client.workflowService.getWorkflowExecutionHistory({
      namespace: target.namespace,
      execution: { workflowId: id, runId },
      maximumPageSize: 1,
    }),
  );
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const [payload] = started?.input?.payloads ?? [];
  if (!payload?.data) throw new CommandError(`run ${id} keeps no request`);
  return JSON.parse(Buffer.from(payload.data).toString('utf8')) as ParkedRequest;
}

function toParkedRun(run: RunInfo & { readonly memo?: Record<string, unknown> | undefined }): ParkedRun {
  const { workflowId: id, runId, status, startTime, memo } = run;
  const unknown = { reason: '', status: 0, receivedAt: startTime.toISOString(), event: {}, bytes: 0 };
  return {
    ...{ id, runId },
    runStatus: status.name,
    parkedAt: startTime.toISOString(),
    memo: (memo?.parked as ParkedMemo | undefined) ?? unknown,
  };
}
