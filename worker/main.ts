import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { messageOf } from '../domain/errors.ts';
import { taskQueues } from '../domain/temporal-contract.ts';
import { ConfigError } from '../runtime/config.ts';
import type { Log } from '../runtime/log.ts';
import { type RunningProcess, runProcess } from '../runtime/run-process.ts';
import { createAlertDeps } from './alert-deps.ts';
import {
  createScratchFolder,
  loadWorkerTablestoreConfig,
  type TaskQueue,
  type WorkerConfig,
  workerConfig,
} from './config.ts';
import { startHealthServer } from './health.ts';
import { installRuntime } from './install-runtime.ts';
import { type LockedScratchFolder, lockScratchFolder } from './lock-scratch-folder.ts';
import { removePromiseHook } from './promise-hook.ts';
import { createQueueWorkers, requireWorkflowBundle } from './queue-workers.ts';
import { reconcileSchedules } from './reconcile-schedules.ts';
import { startScratchCleanup } from './scratch-cleanup.ts';
import { createUnzipDeps } from './unzip-deps.ts';
import { createWeatherDeps } from './weather-deps.ts';

const RECONNECT_MS = 2_000;

await runProcess('worker', async (log): Promise<RunningProcess> => {
  const config = workerConfig();
  log.level = config.logLevel;
  requireWorkflowBundle();
  setMaxListeners(0);
  installRuntime(log);
  const serves = (queue: TaskQueue): boolean => config.queues?.includes(queue) ?? true;
  const disk = serves(taskQueues.unzip) ? openScratchFolder(config) : undefined;
  const tablestore = loadWorkerTablestoreConfig();
  const weather = serves(taskQueues.weather)
    ? configured('weather', createWeatherDeps(config, tablestore, log), config, log)
    : undefined;

  const health = await startHealthServer(config);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await connectToTemporal(connectionOptions, log);
  const client = new Client({ connection, namespace });
  const alerts = serves(taskQueues.alerts)
    ? configured(
        'alerts',
        createAlertDeps(config, tablestore, { client, registry: health.registry, log }),
        config,
        log,
      )
    : undefined;
  const unzip = disk === undefined ? undefined : createUnzipDeps(config, client, disk, log);
  const jobs = {
    ...{ unzip, weather: weather?.deps, alerts: alerts?.deps },
    parked: serves(taskQueues.parked),
  };
  const workers = await createQueueWorkers(jobs, connection, namespace, config);
  await reconcileSchedules(client, new Set(Object.keys(workers)), log);
  removePromiseHook();
  const stopped = new AbortController();
  if (disk !== undefined && unzip !== undefined)
    startScratchCleanup(client, { disk, scratch: unzip.scratch }, log, stopped.signal);
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
      weather?.close();
      alerts?.close();
      await connection.close();
      disk?.release();
      await health.close();
    },
  };
});

function openScratchFolder({ scratch }: WorkerConfig): LockedScratchFolder {
  createScratchFolder(scratch);
  return lockScratchFolder(scratch);
}

/**
 * Returns the dependencies of a job. If the job is not configured, `deps` is the reason. Then this worker does not run the
 * job, unless `SLUICE_QUEUES` names it.
 * @throws ConfigError if `SLUICE_QUEUES` names the queue of a job that is not configured
 */
function configured<T extends object>(
  queue: string,
  deps: T | string,
  { queues }: WorkerConfig,
  log: Log,
): T | undefined {
  if (typeof deps !== 'string') return deps;
  if (queues !== undefined) throw new ConfigError([`SLUICE_QUEUES has ${queue}, but ${deps}`]);
  log.info({ reason: deps }, `this worker does not serve the queue ${queue}`);
  return undefined;
}

/** Connects to Temporal. Tries again until it succeeds, so that an outage of Temporal does not restart the process. */
async function connectToTemporal(
  options: Parameters<typeof NativeConnection.connect>[0],
  log: Log,
): Promise<NativeConnection> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      const address = options?.address ?? 'localhost:7233';
      const reason = messageOf(error, 200);
      if (isFirst)
        log.warn(
          { address, reason },
          'cannot reach Temporal; start it, or set TEMPORAL_ADDRESS. Trying again',
        );
      await delay(RECONNECT_MS);
    }
  }
}
