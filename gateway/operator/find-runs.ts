import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { searchAttributeKeywords } from '../../domain/search-attribute-keyword.ts';
import { workflowTypes } from '../../domain/temporal-contract.ts';
import { hasEventId, listRuns, quoteForQuery } from '../temporal/list-runs.ts';
import { eventIdKey, phaseKey, routeKey, sourceKey } from '../temporal/search-attributes.ts';
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

/** The fields of Temporal's list and describe results that are used. */
type Run = Omit<WorkflowExecutionInfo, 'raw'>;

interface EventIdentity {
  readonly source: string;
  readonly id: string;
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
 * hide the others. This happens, for example, if every source has an event with the id 1. A signal alone does not add
 * its event to the search attributes of an open run; only the helper `onEvent` does. So `workflowIds` names more runs
 * that may have received the event.
 */
export async function findRuns(
  client: Client,
  event: EventIdentity,
  workflowIds: readonly string[] = [],
): Promise<FoundRun[]> {
  return client.withDeadline(Date.now() + LOOKUP_TIMEOUT_MS, async () => {
    const listed = await Promise.all(
      keywordsOf(event).flatMap(({ sourceKeyword, idKeyword }) => {
        const source = quoteForQuery(sourceKeyword);
        const parked = quoteForQuery(workflowTypes.parkedEvent);
        const kinds = [
          `EventSource = ${source} AND WorkflowType != ${parked}`,
          `EventSource = ${source} AND WorkflowType = ${parked}`,
          `(EventSource != ${source} OR EventSource IS NULL) AND WorkflowType != ${parked}`,
        ];
        const ofId = `EventId = ${quoteForQuery(idKeyword)}`;
        return kinds.map((kind) => listLatestRuns(client, `${ofId} AND ${kind}`, idKeyword));
      }),
    );
    const known = await Promise.all(workflowIds.map((workflowId) => latestRun(client, workflowId)));
    const candidates: Run[] = [...listed, ...known].flat();
    const runs = new Map(candidates.map((run) => [run.runId, run]));
    const found = await filterRunsOfEvent(client, [...runs.values()], event);
    return found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime()).map(toFoundRun);
  });
}

/** Returns the keywords of an event in the runs of this build and of earlier builds. */
function keywordsOf({ source, id }: EventIdentity): { sourceKeyword: string; idKeyword: string }[] {
  const sources = searchAttributeKeywords(source);
  const ids = searchAttributeKeywords(id);
  const builds = Math.max(sources.length, ids.length);
  return Array.from({ length: builds }, (_, build) => ({
    sourceKeyword: sources[build] ?? source,
    idKeyword: ids[build] ?? id,
  }));
}

/** Returns the latest run with this workflow id; none if Temporal has no such run. */
async function latestRun(client: Client, workflowId: string): Promise<Run[]> {
  try {
    return [await client.workflow.getHandle(workflowId).describe()];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

async function listLatestRuns(
  client: Client,
  query: string,
  idKeyword: string,
): Promise<WorkflowExecutionInfo[]> {
  const listed: WorkflowExecutionInfo[] = [];
  for await (const run of listRuns(client, query, MAX_RUNS_PER_QUERY)) {
    if (hasEventId(run, idKeyword)) listed.push(run);
    if (listed.length >= MAX_RUNS_PER_QUERY) break;
  }
  return listed;
}

async function filterRunsOfEvent(client: Client, runs: readonly Run[], event: EventIdentity): Promise<Run[]> {
  const found: Run[] = [];
  for (let start = 0; start < runs.length; start += MAX_CONCURRENT_HISTORIES) {
    const chunk = runs.slice(start, start + MAX_CONCURRENT_HISTORIES);
    const matches = await Promise.all(chunk.map((run) => isRunOfEvent(client, run, event)));
    found.push(...chunk.filter((_run, index) => matches[index]));
  }
  return found;
}

/** Returns true if the event started or signalled the run. `EventSource` has only the source of the starting event. */
async function isRunOfEvent(
  client: Client,
  { workflowId, runId, typedSearchAttributes }: Run,
  event: EventIdentity,
): Promise<boolean> {
  const source = typedSearchAttributes.get(sourceKey);
  const [starter] = typedSearchAttributes.get(eventIdKey) ?? [];
  const isStarter = keywordsOf(event).some(
    ({ sourceKeyword, idKeyword }) => source === sourceKeyword && starter === idKeyword,
  );
  if (isStarter) return true;
  return historyHasSignal(client, { workflowId, runId }, event);
}

function toFoundRun(run: Run): FoundRun {
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
