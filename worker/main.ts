import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { alertActivities } from '../activities/alerts/activities.ts';
import { scratchActivities, sharedActivities } from '../activities/unzip/activities.ts';
import { weatherActivities } from '../activities/weather/activities.ts';
import { messageOf } from '../domain/errors.ts';
import { taskQueues } from '../domain/temporal-contract.ts';
import { type RunningProcess, runProcess } from '../runtime/run-process.ts';
import { createAlertDeps } from './alert-deps.ts';
import { createScratchFolder, loadWorkerTablestoreConfig, workerConfig } from './config.ts';
import { startHealthServer, type Workers } from './health.ts';
import { installRuntime } from './install-runtime.ts';
import { lockScratchFolder } from './lock-scratch-folder.ts';
import { removePromiseHook } from './promise-hook.ts';
import { reconcileSchedules } from './reconcile-schedules.ts';
import { startScratchCleanup } from './scratch-cleanup.ts';
import { createUnzipDeps } from './unzip-deps.ts';
import { createWeatherDeps } from './weather-deps.ts';

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

await runProcess('worker', async (log): Promise<RunningProcess> => {
  const config = workerConfig();
  log.level = config.logLevel;
  if (!existsSync(workflowBundlePath))
    throw new Error(`the workflow bundle ${workflowBundlePath} is missing; run "npm run build"`);
  setMaxListeners(0);
  installRuntime(log);
  createScratchFolder(config.scratch);
  const disk = lockScratchFolder(config.scratch);

  const health = await startHealthServer(config);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    const address = connectionOptions.address ?? 'localhost:7233';
    throw new Error(
      `cannot reach Temporal at ${address} (${messageOf(error, 200)}); start it, or set TEMPORAL_ADDRESS`,
    );
  });
  const client = new Client({ connection, namespace });
  const deps = createUnzipDeps(config, client, disk, log);
  const common = {
    connection,
    namespace,
    ...(config.identity === undefined ? {} : { identity: config.identity }),
    // An activity learns that it is cancelled from the answer to its heartbeat, so heartbeats must be frequent.
    maxHeartbeatThrottleInterval: '2s',
    defaultHeartbeatThrottleInterval: '2s',
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: '30s',
  } satisfies Partial<WorkerOptions>;
  // A thread for workflows takes 36 MiB. The few and short workflows of some queues run in the main thread. The SDK
  // calls this debug mode.
  const inMainThread = { maxCachedWorkflows: 20, debugMode: true };

  const [unzip, parked, scratch] = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: taskQueues.unzip,
      workflowBundle: { codePath: workflowBundlePath },
      activities: sharedActivities(deps),
      maxCachedWorkflows: 200,
      // This number is high because many of these activities only wait for a slot on the disk or for an answer.
      maxConcurrentActivityTaskExecutions: 200,
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.parked,
      workflowBundle: { codePath: workflowBundlePath },
      ...inMainThread,
    }),
    Worker.create({
      ...common,
      taskQueue: deps.scratch.queue,
      activities: scratchActivities(deps),
      maxConcurrentActivityTaskExecutions: config.parts * 3,
    }),
  ]);
  let workers: Workers = { unzip, parked, scratch };
  const tablestore = loadWorkerTablestoreConfig();
  const weather = createWeatherDeps(config, tablestore, log);
  if (typeof weather === 'string') log.info({ reason: weather }, 'this worker does not run the weather job');
  else {
    await reconcileSchedules(client, new Set([taskQueues.weather]), log);
    workers = {
      ...workers,
      weather: await Worker.create({
        ...common,
        taskQueue: taskQueues.weather,
        workflowBundle: { codePath: workflowBundlePath },
        activities: weatherActivities(weather.deps),
        ...inMainThread,
        maxConcurrentActivityTaskExecutions: 20,
      }),
    };
  }
  const alerts = createAlertDeps(config, tablestore, { client, registry: health.registry, log });
  if (typeof alerts === 'string') log.info({ reason: alerts }, 'this worker does not run the alerts');
  else {
    await reconcileSchedules(client, new Set([taskQueues.alerts]), log);
    workers = {
      ...workers,
      alerts: await Worker.create({
        ...common,
        taskQueue: taskQueues.alerts,
        workflowBundle: { codePath: workflowBundlePath },
        activities: alertActivities(alerts.deps),
        ...inMainThread,
        maxCachedWorkflows: MAX_CACHED_CITIES,
        maxConcurrentActivityTaskExecutions: MAX_SENDERS,
        maxConcurrentLocalActivityExecutions: MAX_DECISIONS,
      }),
    };
  }
  removePromiseHook();
  const stopped = new AbortController();
  startScratchCleanup(client, { disk, scratch: deps.scratch }, log, stopped.signal);
  const runs = Promise.all(Object.values(workers).map((worker) => worker.run()));
  runs.catch((error: unknown) => {
    log.error({ err: error }, 'the worker failed');
    process.exit(1);
  });

  health.setWorkers(workers, connection);
  return {
    endpoints: { worker: `http://127.0.0.1:${health.port}` },
    async stop() {
      health.setStopping();
      stopped.abort();
      for (const worker of Object.values(workers)) if (worker.getState() === 'RUNNING') worker.shutdown();
      await runs;
      if (typeof weather !== 'string') weather.close();
      if (typeof alerts !== 'string') alerts.close();
      await connection.close();
      disk.release();
      await health.close();
    },
  };
});
