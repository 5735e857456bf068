import {
  ActivityCancellationType,
  type ActivityOptions,
  CancellationScope,
  proxyActivities,
} from '@temporalio/workflow';
import type { ScratchActivities, SharedActivities } from '../activities/unzip/activities.ts';
import type { PartTask } from '../domain/unzip/archive.ts';

/** What holds for every step: it beats, it is retried until its day is over, and a cancelled one is waited for. */
const commonOptions = {
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '24h',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
} satisfies ActivityOptions;

/** Steps that any worker may take. */
export const sharedActivities = proxyActivities<SharedActivities>({
  ...commonOptions,
  startToCloseTimeout: '30m',
});

/** Waiting for another run takes as long as that one; it is looked at again and again. */
export const otherRunActivities = proxyActivities<Pick<SharedActivities, 'awaitOther' | 'stopOther'>>({
  ...commonOptions,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '7d',
});

/** Telling the world must not hold up a run that is done for longer than this. */
export const announceActivities = proxyActivities<Pick<SharedActivities, 'announce'>>({
  ...commonOptions,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1h',
});

/**
 * Steps of a part on the worker whose disk has it. Nobody taking one within the schedule-to-start time-out, or the
 * files being gone, is for the part to begin again elsewhere, not for the step to be retried.
 */
export const scratchActivitiesOn = (taskQueue: string) =>
  proxyActivities<ScratchActivities>({
    ...commonOptions,
    taskQueue,
    startToCloseTimeout: '30m',
    scheduleToStartTimeout: '30s',
    retry: { ...commonOptions.retry, nonRetryableErrorTypes: ['ScratchLost', 'ScratchFull'] },
  });

/** Frees what an attempt at a part has taken on a worker, without waiting for a worker that may be gone. */
export function releaseInBackground(queue: string, task: PartTask): void {
  CancellationScope.nonCancellable(() => cleanupActivitiesOn(queue).releasePart(task)).catch(() => {});
}

/** Cleaning up on a worker that may be gone is tried, not insisted on. */
export const cleanupActivitiesOn = (taskQueue: string) =>
  proxyActivities<Pick<ScratchActivities, 'discard' | 'releasePart'>>({
    taskQueue,
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 3 },
  });
