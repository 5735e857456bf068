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
  /** Temporal's name of it, such as `RUNNING`, `COMPLETED`, `FAILED`. */
  readonly status: string;
  readonly phase: string | null;
  readonly startTime: string;
  readonly closeTime: string | null;
}

/** An identity is in few runs; whoever uses one id for everything gets the latest of them, so many of each kind. */
const MAX_RUNS_PER_QUERY = 100;

/** Histories that are read at a time. */
const MAX_CONCURRENT_HISTORIES = 8;

/** How long a look-up may take. */
const LOOKUP_DEADLINE_MS = 3_000;

/**
 * The runs of an event, newest first, by the search attributes; a run is listed some 50 ms after its start. Those that its
 * source started, those that it may have signalled, and what was parked of it are asked for apart: many of one kind, as
 * where every source counts its events from 1, hide none of another.
 */
export async function findRuns(
  client: Client,
  event: { readonly source: string; readonly id: string },
): Promise<FoundRun[]> {
  return client.withDeadline(Date.now() + LOOKUP_DEADLINE_MS, async () => {
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
    const some = runs.slice(start, start + MAX_CONCURRENT_HISTORIES);
    const are = await Promise.all(some.map((run) => isRunOfEvent(client, run, event)));
    found.push(...some.filter((_run, index) => are[index]));
  }
  return found;
}

/** `EventSource` is the starter's; another source's event with this id may have signalled the run, or not. */
async function isRunOfEvent(
  client: Client,
  { workflowId, runId, typedSearchAttributes }: WorkflowExecutionInfo,
  event: { readonly source: string; readonly id: string },
): Promise<boolean> {
  const ofStarter = typedSearchAttributes.get(sourceKey) === toSearchAttributeKeyword(event.source);
  const [starter] = typedSearchAttributes.get(eventIdKey) ?? [];
  if (ofStarter && starter === toSearchAttributeKeyword(event.id)) return true;
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
