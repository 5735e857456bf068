import type { Client } from '@temporalio/client';
import { messageOf } from '../domain/errors.ts';
import { schedules } from '../domain/schedules.ts';
import type { Log } from '../runtime/log.ts';
import { reconcileSchedule } from '../runtime/reconcile-schedule.ts';

/** Creates or updates the Schedules of the task queues that this process serves. */
export async function reconcileSchedules(
  client: Client,
  served: ReadonlySet<string>,
  log: Log,
): Promise<void> {
  for (const spec of schedules.filter(({ taskQueue }) => served.has(taskQueue))) {
    try {
      const change = await reconcileSchedule(client, spec);
      if (change !== 'kept') log.info({ schedule: spec.id, changed: change }, 'updated the schedule');
    } catch (error) {
      // If two workers start at once, both may try to create the Schedule. Then one of them gets "already exists".
      log.warn({ schedule: spec.id, reason: messageOf(error) }, 'could not update the schedule');
    }
  }
}
