import {
  ActivityCancellationType,
  type ActivityOptions,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { ScratchActivities, SharedActivities } from '../activities/unzip/activities.ts';
import type { PartTask } from '../domain/unzip/archive.ts';

/** Defaults of all steps: heartbeat, retries for up to 24 h, and waiting for cancelled activities to end. */
const commonOptions = {
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '24h',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
} satisfies ActivityOptions;

/** Steps that any worker may run. */
export const sharedActivities = proxyActivities<SharedActivities>({
  ...commonOptions,
  startToCloseTimeout: '30m',
});

/**
 * Makes one attempt inside the workflow task. This is fast, and all local activities of one workflow task count as one
 * action. But it must not delay the task for long.
 */
export const localActivities = proxyLocalActivities<Pick<SharedActivities, 'inspect'>>({
  startToCloseTimeout: '2s',
  retry: { maximumAttempts: 1 },
});

/** The steps that wait for another run. They fail until that run ends, so they are retried for up to seven days. */
export const otherRunActivities = proxyActivities<Pick<SharedActivities, 'awaitOther' | 'stopOther'>>({
  ...commonOptions,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '7d',
});

/** The completion event must not delay the end of a run by more than an hour. */
export const announceActivities = proxyActivities<Pick<SharedActivities, 'announce'>>({
  ...commonOptions,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1h',
});

/**
 * The steps of a part on the worker whose disk has the files of the part. A step is not retried in three cases: a
 * schedule-to-start timeout, a loss of files, or a scratch disk that is full, fails or has no free slot. Then the part starts
 * again, maybe on another worker.
 */
export const scratchActivitiesOn = (taskQueue: string) =>
  proxyActivities<ScratchActivities>({
    ...commonOptions,
    taskQueue,
    startToCloseTimeout: '30m',
    scheduleToStartTimeout: '30s',
    retry: { ...commonOptions.retry, nonRetryableErrorTypes: ['ScratchLost', 'ScratchFull'] },
  });

/** Releases the resources of an attempt on a worker. Does not wait for that worker, because it may be gone. */
export function releaseInBackground(queue: string, task: PartTask): void {
  CancellationScope.nonCancellable(() => cleanupActivitiesOn(queue).releasePart(task)).catch(() => {});
}

/** Cleanup on a worker that may be gone: few retries, and failures are ignored. */
export const cleanupActivitiesOn = (taskQueue: string) =>
  proxyActivities<Pick<ScratchActivities, 'discard' | 'releasePart'>>({
    taskQueue,
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 3 },
  });
