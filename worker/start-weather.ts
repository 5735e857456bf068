import type { Client } from '@temporalio/client';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { weatherActivities } from '../activities/weather/activities.ts';
import { messageOf } from '../domain/errors.ts';
import { taskQueues } from '../domain/names.ts';
import { schedules } from '../domain/schedules.ts';
import type { Log } from '../runtime/log.ts';
import { reconcileSchedule } from '../runtime/schedules.ts';
import type { OpenWeather } from './weather-deps.ts';

/** Makes the Worker of the queue `weather`, and sees that the Schedules are as they are to be. */
export async function startWeather(
  { deps }: OpenWeather,
  client: Client,
  common: Omit<WorkerOptions, 'taskQueue' | 'activities'>,
  log: Log,
): Promise<Worker> {
  for (const spec of schedules) {
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
  return Worker.create({
    ...common,
    taskQueue: taskQueues.weather,
    activities: weatherActivities(deps),
    maxCachedWorkflows: 20,
    maxConcurrentActivityTaskExecutions: 20,
  });
}
