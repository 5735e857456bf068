import type { Client } from '@temporalio/client';
import { messageOf } from '../domain/errors.ts';
import { schedules } from '../domain/schedules.ts';
import type { Log } from '../runtime/log.ts';
import { reconcileSchedule } from '../runtime/reconcile-schedule.ts';

/** Makes the Schedules of the task queues that this process serves, and mends those that differ. */
export async function reconcileSchedules(
  client: Client,
  served: ReadonlySet<string>,
  log: Log,
): Promise<void> {
  for (const spec of schedules.filter(({ taskQueue }) => served.has(taskQueue))) {
    try {
      const done = await reconcileSchedule(client, spec);
      if (done !== 'kept')
        log.info({ schedule: spec.id, changed: done }, 'the schedule was brought up to date');
    } catch (error) {
      // Two workers that start at once both make it: one of them is told that it is there.
      log.warn(
        { schedule: spec.id, reason: messageOf(error) },
        'the schedule could not be brought up to date',
      );
    }
  }
}
