import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { keyword } from '../../domain/keyword.ts';
import { quoted } from '../delivery/quoted.ts';
import { eventIdKey, phaseKey, routeKey, sourceKey } from '../delivery/search-attributes.ts';
import { wasSignalled } from '../delivery/signals-in-history.ts';

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

/** An identity is in few runs; whoever uses one id for everything gets the latest of them. */
const RUNS = 100;

/** How long a look-up may take. */
const DEADLINE_MS = 3_000;

/** The runs of an event, newest first, by the search attributes; a run is listed some 50 ms after its start. */
export async function findRuns(
  client: Client,
  event: { readonly source: string; readonly id: string },
): Promise<FoundRun[]> {
  return client.withDeadline(Date.now() + DEADLINE_MS, async () => {
    const listed: WorkflowExecutionInfo[] = [];
    const query = `EventId = ${quoted(keyword(event.id))}`;
    for await (const run of client.workflow.list({ query, pageSize: RUNS })) {
      listed.push(run);
      if (listed.length >= RUNS) break;
    }
    const found: FoundRun[] = [];
    for (const run of listed) if (await isOf(client, run, event)) found.push(shown(run));
    return found;
  });
}

/** `EventSource` is the starter's; another source's event with this id may have signalled the run, or not. */
async function isOf(
  client: Client,
  { workflowId, runId, typedSearchAttributes }: WorkflowExecutionInfo,
  event: { readonly source: string; readonly id: string },
): Promise<boolean> {
  const ofStarter = typedSearchAttributes.get(sourceKey) === keyword(event.source);
  const [starter] = typedSearchAttributes.get(eventIdKey) ?? [];
  if (ofStarter && starter === keyword(event.id)) return true;
  return wasSignalled(client, { workflowId, runId }, event);
}

function shown(run: WorkflowExecutionInfo): FoundRun {
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
