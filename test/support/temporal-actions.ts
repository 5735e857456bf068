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

/** Counts the cost of a run from its history. */
export async function runCost(client: Client, workflowId: string): Promise<RunCost> {
  const handle = client.workflow.getHandle(workflowId);
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

/** Returns the average cost of runs. */
export async function averageCost(client: Client, workflowIds: readonly string[]): Promise<RunCost> {
  const costs = await Promise.all(workflowIds.map((id) => runCost(client, id)));
  const mean = (name: keyof RunCost): number =>
    Number((costs.reduce((sum, cost) => sum + cost[name], 0) / costs.length).toFixed(2));
  return {
    ...{ actions: mean('actions'), localActivities: mean('localActivities') },
    ...{ events: mean('events'), bytes: mean('bytes') },
  };
}
