import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { alertActivities } from '../activities/alerts/activities.ts';
import type { AlertDeps } from '../activities/alerts/alert-deps.ts';
import { scratchActivities, sharedActivities } from '../activities/unzip/activities.ts';
import type { UnzipDeps } from '../activities/unzip/unzip-deps.ts';
import { weatherActivities } from '../activities/weather/activities.ts';
import type { WeatherDeps } from '../activities/weather/weather-deps.ts';
import { taskQueues } from '../domain/temporal-contract.ts';
import type { WorkerConfig } from './config.ts';
import type { Workers } from './health.ts';

/** The build makes the workflow bundle. Bundling in this process would take a hundred megabytes more memory. */
const workflowBundlePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/**
 * After SIGTERM, the worker takes no new part. Activities in flight may finish within this time. Then they are
 * cancelled.
 */
const SHUTDOWN_GRACE = '20s';

/**
 * Each place with subscriptions has a run for tomorrow and one for today. A run that is not in memory is replayed when
 * it continues.
 */
const MAX_CACHED_CITIES = 500;

/** Each sender mostly waits for its receiver. */
const MAX_SENDERS = 64;

const MAX_DECISIONS = 16;

/** The dependencies of the jobs that this process runs. A job that is absent does not run here. */
export interface Jobs {
  readonly unzip?: UnzipDeps | undefined;
  readonly weather?: WeatherDeps | undefined;
  readonly alerts?: AlertDeps | undefined;
  /** The job that keeps parked requests. It needs no dependencies. */
  readonly parked: boolean;
}

/** @throws Error if the build has not made the workflow bundle */
export function requireWorkflowBundle(): void {
  if (!existsSync(workflowBundlePath))
    throw new Error(`the workflow bundle ${workflowBundlePath} is missing; run "npm run build"`);
}

/** Creates the Temporal workers of these jobs, one for each task queue. */
export async function createQueueWorkers(
  jobs: Jobs,
  connection: NativeConnection,
  namespace: string,
  config: Pick<WorkerConfig, 'identity' | 'parts' | 'deployment'>,
): Promise<Workers> {
  const { identity, parts, deployment } = config;
  const common = {
    ...{ connection, namespace },
    ...(identity === undefined ? {} : { identity }),
    // An activity learns that it is cancelled from the answer to its heartbeat, so heartbeats must be frequent.
    maxHeartbeatThrottleInterval: '2s',
    defaultHeartbeatThrottleInterval: '2s',
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: '30s',
  } satisfies Partial<WorkerOptions>;
  /** Short runs stay with the version that began them. Runs of days move to the newest version, which replays them. */
  const versioned = (defaultVersioningBehavior: 'PINNED' | 'AUTO_UPGRADE'): Partial<WorkerOptions> =>
    deployment === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version: deployment,
            defaultVersioningBehavior,
          },
        };
  // A thread for workflows takes 36 MiB. The few and short workflows of some queues run in the main thread. The SDK
  // calls this debug mode.
  const inMainThread = { maxCachedWorkflows: 20, debugMode: true };
  const workflowBundle = { codePath: workflowBundlePath };
  const workers: Record<string, Promise<Worker>> = {};
  if (jobs.unzip !== undefined) {
    workers[taskQueues.unzip] = Worker.create({
      ...{ ...common, ...versioned('PINNED'), taskQueue: taskQueues.unzip, workflowBundle },
      activities: sharedActivities(jobs.unzip),
      maxCachedWorkflows: 200,
      // This number is high because many of these activities only wait for a slot on the disk or for an answer.
      maxConcurrentActivityTaskExecutions: 200,
    });
    // The queue of a scratch disk belongs to one process, so it has no versions.
    workers.scratch = Worker.create({
      ...{ ...common, taskQueue: jobs.unzip.scratch.queue },
      activities: scratchActivities(jobs.unzip),
      maxConcurrentActivityTaskExecutions: parts * 3,
    });
  }
  if (jobs.parked)
    workers[taskQueues.parked] = Worker.create({
      ...{ ...common, ...versioned('AUTO_UPGRADE'), taskQueue: taskQueues.parked, workflowBundle },
      ...inMainThread,
    });
  if (jobs.weather !== undefined)
    workers[taskQueues.weather] = Worker.create({
      ...{ ...common, ...versioned('PINNED'), taskQueue: taskQueues.weather, workflowBundle },
      activities: weatherActivities(jobs.weather),
      ...inMainThread,
      maxConcurrentActivityTaskExecutions: 20,
    });
  if (jobs.alerts !== undefined)
    workers[taskQueues.alerts] = Worker.create({
      ...{ ...common, ...versioned('AUTO_UPGRADE'), taskQueue: taskQueues.alerts, workflowBundle },
      activities: alertActivities(jobs.alerts),
      ...inMainThread,
      maxCachedWorkflows: MAX_CACHED_CITIES,
      maxConcurrentActivityTaskExecutions: MAX_SENDERS,
      maxConcurrentLocalActivityExecutions: MAX_DECISIONS,
    });
  const names = Object.keys(workers);
  const created = await Promise.all(Object.values(workers));
  return Object.fromEntries(names.map((name, index) => [name, created[index] as Worker]));
}
