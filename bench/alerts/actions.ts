import type { Client } from '@temporalio/client';
import type proto from '@temporalio/proto';

type Event = proto.temporal.api.history.v1.IHistoryEvent;

/**
 * The average number of actions that a hosted Temporal bills, counted from the histories of some runs: starts, signals,
 * timers, activities, and changes of search attributes. Local activities are counted apart.
 */
export async function countActions(
  client: Client,
  adcodes: readonly string[],
  channelIds: readonly string[],
  date: string,
) {
  const average = async (ids: readonly string[]) => {
    const counts = await Promise.all(
      ids.map(async (id) => countEvents((await client.workflow.getHandle(id).fetchHistory()).events ?? [])),
    );
    const mean = (name: 'actions' | 'local' | 'events') =>
      Number((counts.reduce((sum, count) => sum + count[name], 0) / counts.length).toFixed(2));
    return { actions: mean('actions'), localActivities: mean('local'), events: mean('events') };
  };
  return {
    city: await average(adcodes.map((adcode) => `alert:${adcode}:${date}`)),
    sender: await average(channelIds.map((channelId) => `channel:${channelId}`)),
  };
}

function countEvents(events: readonly Event[]) {
  const isAction = (event: Event): boolean =>
    Boolean(
      event.workflowExecutionStartedEventAttributes ??
        event.workflowExecutionSignaledEventAttributes ??
        event.timerStartedEventAttributes ??
        event.activityTaskScheduledEventAttributes ??
        event.upsertWorkflowSearchAttributesEventAttributes,
    );
  return {
    actions: events.filter(isAction).length,
    local: events.filter((event) => event.markerRecordedEventAttributes?.markerName === 'core_local_activity')
      .length,
    events: events.length,
  };
}
