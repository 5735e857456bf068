import type { ParkedMemo, ParkedRequest } from '../../domain/parked-request.ts';
import { workflowTypes } from '../../domain/temporal-contract.ts';
import { readParkedRun } from '../../gateway/temporal/parked-runs.ts';
import { CommandError } from '../command.ts';
import { describeRun, type RunInfo } from '../runs/describe-run.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { matchesFilter, type ParkedFilter } from './filter.ts';

const LIST_MS = 60_000;
const PAGE_SIZE = 1_000;

/** A parked request in a list. */
export interface ParkedRun {
  /** The workflow id: `parked:<hash>`. */
  readonly id: string;
  readonly runId: string;
  /** Temporal's status name; `RUNNING` until the request is replayed, dismissed or expired. */
  readonly runStatus: string;
  readonly parkedAt: string;
  readonly memo: ParkedMemo;
}

/** Lists up to `limit` parked requests that match a filter, newest first. With `includeClosed`, also closed ones. */
export function listParked(
  { client, call }: TemporalClient,
  filter: ParkedFilter,
  { limit, includeClosed }: { readonly limit: number; readonly includeClosed: boolean },
): Promise<ParkedRun[]> {
  const query = [
    `WorkflowType = "${workflowTypes.parkedEvent}"`,
    ...(includeClosed ? [] : ['ExecutionStatus = "Running"']),
    ...(filter.since === undefined ? [] : [`StartTime >= "${filter.since.toISOString()}"`]),
    ...(filter.until === undefined ? [] : [`StartTime <= "${filter.until.toISOString()}"`]),
  ].join(' AND ');
  return call(async () => {
    const found: ParkedRun[] = [];
    for await (const run of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
      const parked = toParkedRun(run);
      if (matchesFilter(parked.memo, filter)) found.push(parked);
      // Temporal sorts open runs by start time, so the first ones are the newest. It sorts closed runs by close time,
      // so all of them must be read.
      if (!includeClosed && found.length === limit) break;
    }
    return found.sort((a, b) => Date.parse(b.parkedAt) - Date.parse(a.parkedAt)).slice(0, limit);
  }, LIST_MS);
}

/**
 * Finds the parked request with this id. Throws `CommandError` if there is no run, or if its type is not
 * `parkedEvent`.
 */
export async function findParked(temporal: TemporalClient, id: string): Promise<ParkedRun> {
  const run = await describeRun(temporal, id);
  if (run.type === workflowTypes.parkedEvent) return toParkedRun(run);
  throw new CommandError(`run ${id} is not a parked request: it is of type ${run.type}`);
}

/** Reads a complete parked request: the argument of its run. */
export async function readParked(
  { client, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
): Promise<ParkedRequest> {
  const parked = await call(() => readParkedRun(client, { workflowId: id, runId }));
  if (parked === undefined) throw new CommandError(`run ${id} has no stored request`);
  return parked;
}

function toParkedRun(run: RunInfo & { readonly memo?: Record<string, unknown> | undefined }): ParkedRun {
  const { workflowId: id, runId, status, startTime, memo } = run;
  const emptyMemo = { reason: '', status: 0, receivedAt: startTime.toISOString(), event: {}, bytes: 0 };
  return {
    ...{ id, runId },
    runStatus: status.name,
    parkedAt: startTime.toISOString(),
    memo: (memo?.parked as ParkedMemo | undefined) ?? emptyMemo,
  };
}
