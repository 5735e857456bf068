import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

type Event = proto.temporal.api.history.v1.IHistoryEvent;

/** What a run has cost so far. */
export interface RunCost {
  /** What a hosted Temporal bills: starts, signals, timers, activities, and changes of search attributes. */
  readonly actions: number;
  /** Local activities, which are not in `actions`. */
  readonly localActivities: number;
  readonly events: number;
  /** The size of the history. */
  readonly bytes: number;
}

/** Counts the cost of a run from its history; without a run id, of the latest run. */
export async function runCost(client: Client, workflowId: string, runId?: string): Promise<RunCost> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const history = await handle.fetchHistory();
  const list = history.events ?? [];
  return {
    actions: list.filter(isAction).length,
    localActivities: list.filter(
      ({ markerRecordedEventAttributes }) =>
        markerRecordedEventAttributes?.markerName === 'core_local_activity',
    ).length,
    events: list.length,
    bytes: proto.temporal.api.history.v1.History.encode(history).finish().length,
  };
}

const isAction = (event: Event): boolean =>
  Boolean(
    event.workflowExecutionStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.activityTaskScheduledEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes,
  );

/** Returns the costs of all runs of a workflow id. */
export async function runCosts(client: Client, workflowId: string): Promise<RunCost[]> {
  const costs: RunCost[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    costs.push(await runCost(client, workflowId, runId));
  return costs;
}

/** Returns the average of costs, with two digits. */
export function averageCost(costs: readonly RunCost[]): RunCost {
  const mean = (name: keyof RunCost): number =>
    Number((costs.reduce((sum, cost) => sum + cost[name], 0) / costs.length).toFixed(2));
  return {
    ...{ actions: mean('actions'), localActivities: mean('localActivities') },
    ...{ events: mean('events'), bytes: mean('bytes') },
  };
}
