import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { toSearchAttributeKeyword } from '../../domain/search-attribute-keyword.ts';
import { workflowTypes } from '../../domain/temporal-contract.ts';
import { eventIdKey, phaseKey, quoteForQuery, routeKey, sourceKey } from '../temporal/search-attributes.ts';
import { historyHasSignal } from '../temporal/signal-run.ts';

/** A run that an event started or signalled, as `GET /events/<source>/<id>` shows it. */
export interface FoundRun {
  readonly route: string | null;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** Temporal's status, such as `RUNNING`, `COMPLETED`, `FAILED`. */
  readonly status: string;
  readonly phase: string | null;
  readonly startTime: string;
  readonly closeTime: string | null;
}

/** Usually an event has few runs. If a sender uses one id for all events, only the latest runs are returned. */
const MAX_RUNS_PER_QUERY = 100;

/** Concurrent reads of histories. */
const MAX_CONCURRENT_HISTORIES = 8;

/** The timeout of a lookup. */
const LOOKUP_TIMEOUT_MS = 3_000;

/**
 * Returns the runs of an event by their search attributes, newest first. A run appears about 50 ms after its start.
 * There are three queries: for runs that an event of this source started, for parked requests, and for runs that the
 * event may have signalled. Each query returns at most 100 runs. With one query for all, many runs of one kind could
 * hide the others, for example if every source has an event with the id 1.
 */
export async function findRuns(
  client: Client,
  event: { readonly source: string; readonly id: string },
): Promise<FoundRun[]> {
  return client.withDeadline(Date.now() + LOOKUP_TIMEOUT_MS, async () => {
    const source = quoteForQuery(toSearchAttributeKeyword(event.source));
    const parked = quoteForQuery(workflowTypes.parkedEvent);
    const kinds = [
      `EventSource = ${source} AND WorkflowType != ${parked}`,
      `EventSource = ${source} AND WorkflowType = ${parked}`,
      `(EventSource != ${source} OR EventSource IS NULL) AND WorkflowType != ${parked}`,
    ];
    const ofId = `EventId = ${quoteForQuery(toSearchAttributeKeyword(event.id))}`;
    const listed = await Promise.all(kinds.map((kind) => listLatestRuns(client, `${ofId} AND ${kind}`)));
    const found = await filterRunsOfEvent(client, listed.flat(), event);
    return found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime()).map(toFoundRun);
  });
}

async function listLatestRuns(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const listed: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query, pageSize: MAX_RUNS_PER_QUERY })) {
    listed.push(run);
    if (listed.length >= MAX_RUNS_PER_QUERY) break;
  }
  return listed;
}

async function filterRunsOfEvent(
  client: Client,
  runs: readonly WorkflowExecutionInfo[],
  event: { readonly source: string; readonly id: string },
): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for (let start = 0; start < runs.length; start += MAX_CONCURRENT_HISTORIES) {
    const chunk = runs.slice(start, start + MAX_CONCURRENT_HISTORIES);
    const matches = await Promise.all(chunk.map((run) => isRunOfEvent(client, run, event)));
    found.push(...chunk.filter((_run, index) => matches[index]));
  }
  return found;
}

/** `EventSource` names the event that started the run. An event of another source may have signalled it. */
async function isRunOfEvent(
  client: Client,
  { workflowId, runId, typedSearchAttributes }: WorkflowExecutionInfo,
  event: { readonly source: string; readonly id: string },
): Promise<boolean> {
  const isSameSource = typedSearchAttributes.get(sourceKey) === toSearchAttributeKeyword(event.source);
  const [starter] = typedSearchAttributes.get(eventIdKey) ?? [];
  if (isSameSource && starter === toSearchAttributeKeyword(event.id)) return true;
  return historyHasSignal(client, { workflowId, runId }, event);
}

function toFoundRun(run: WorkflowExecutionInfo): FoundRun {
  return {
    route: run.typedSearchAttributes.get(routeKey) ?? null,
    workflowId: run.workflowId,
    runId: run.runId,
    workflowType: run.type,
    status: run.status.name,
    phase: run.typedSearchAttributes.get(phaseKey) ?? null,
    startTime: run.startTime.toISOString(),
    closeTime: run.closeTime?.toISOString() ?? null,
  };
}
