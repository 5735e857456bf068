import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** Returns the summaries of a run's activities, as Temporal's UI shows them, by the name of the activity. */
export async function summariesOf(run: WorkflowHandle): Promise<Readonly<Record<string, readonly string[]>>> {
  const { events } = await run.fetchHistory();
  const summaries: Record<string, string[]> = {};
  for (const { activityTaskScheduledEventAttributes: scheduled, userMetadata } of events ?? []) {
    const name = scheduled?.activityType?.name;
    if (!name || !userMetadata?.summary) continue;
    const summary = defaultPayloadConverter.fromPayload<string>(userMetadata.summary);
    summaries[name] = [...(summaries[name] ?? []), summary];
  }
  return summaries;
}
