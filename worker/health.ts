import type { NativeConnection, Worker } from '@temporalio/worker';
import { Gauge, type Registry } from 'prom-client';
import { healthHandler, processMetrics } from '../runtime/health.ts';
import { listen } from '../runtime/listen.ts';
import { rejectForeignHosts } from '../runtime/loopback-host.ts';
import { temporalProbe } from '../runtime/temporal-connection.ts';

/** The Temporal workers of this process by purpose. The worker `scratch` runs the steps that need its scratch disk. */
export type Workers = Readonly<Record<string, Worker>>;

/** `/livez`, `/readyz` and `/metrics` of the worker. */
export interface WorkerHealth {
  /** After this call, the process is ready while all these workers poll and Temporal answers. */
  setWorkers(workers: Workers, connection: NativeConnection): void;
  /** After this call, the process is not ready. */
  setStopping(): void;
  /** Metrics of activities are added here. */
  readonly registry: Registry;
  /** The port on which the server listens. */
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the health server. Call it first, so that a process that is slow to start is known to be alive. */
export async function startHealthServer({
  host,
  port,
  metricsTokens,
}: {
  host: string;
  port: number;
  metricsTokens: readonly string[];
}): Promise<WorkerHealth> {
  let workers: Workers = {};
  let reachable: (() => Promise<boolean>) | undefined;
  let isStopping = false;
  const notReady = async (): Promise<string | undefined> => {
    if (isStopping) return 'the worker is stopping';
    if (reachable === undefined) return 'the worker is starting';
    for (const [name, worker] of Object.entries(workers)) {
      const state = worker.getState();
      if (state !== 'RUNNING') return `the worker for ${name} is ${state}`;
    }
    return (await reachable()) ? undefined : 'Temporal cannot be reached';
  };
  const registry = workerMetrics(() => workers);
  const answer = healthHandler({ notReady, metrics: registry, metricsTokens });
  const handle = rejectForeignHosts(host, (req, res) =>
    answer(req, res, (error) => {
      const [status, sentence] =
        error === undefined
          ? [404, 'unknown path: the worker serves /livez, /readyz and /metrics']
          : [500, 'the worker failed'];
      res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
      res.end(JSON.stringify({ error: sentence }));
    }),
  );
  const listener = await listen(handle, { host, port });
  return {
    setWorkers(all, connection) {
      workers = all;
      reachable = temporalProbe(connection);
    },
    setStopping() {
      isStopping = true;
    },
    ...{ registry, port: listener.port },
    close: () => listener.close(1_000),
  };
}

/** Creates the metrics. The gauges are computed when Prometheus scrapes them. */
function workerMetrics(workersNow: () => Workers) {
  const registry = processMetrics();
  const perWorker = (name: string, help: string, value: (worker: Worker) => number) =>
    new Gauge({
      ...{ name: `sluice_worker_${name}`, help, labelNames: ['worker'], registers: [registry] },
      collect() {
        for (const [worker, running] of Object.entries(workersNow())) this.set({ worker }, value(running));
      },
    });
  perWorker('running', '1 if the worker polls its task queue, else 0.', (worker) =>
    worker.getState() === 'RUNNING' ? 1 : 0,
  );
  perWorker('activities', 'Activities in flight.', (worker) => worker.getStatus().numInFlightActivities);
  perWorker(
    'workflow_activations',
    'Workflow activations in flight.',
    (worker) => worker.getStatus().numInFlightWorkflowActivations,
  );
  perWorker(
    'cached_workflows',
    'Workflows cached in memory.',
    (worker) => worker.getStatus().numCachedWorkflows,
  );
  return registry;
}
