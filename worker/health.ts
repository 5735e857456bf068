import type { NativeConnection, Worker } from '@temporalio/worker';
import { Gauge } from 'prom-client';
import { healthHandler, processMetrics } from '../runtime/health.ts';
import { listen } from '../runtime/listen.ts';
import { temporalProbe } from '../runtime/temporal-connection.ts';

/** The Temporal workers of this process by what they do; `scratch` is for the steps that need its disk. */
export type Workers = Readonly<Record<string, Worker>>;

/** `/livez`, `/readyz` and `/metrics` of the worker. */
export interface WorkerHealth {
  /** It is ready from now on, as long as all of these poll and Temporal answers. */
  setWorkers(workers: Workers, connection: NativeConnection): void;
  /** It is not ready any more. */
  setStopping(): void;
  /** The port that was bound. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens at once, so that a process that takes long to start is known to be alive. */
export async function startHealthServer({
  host,
  port,
}: {
  host: string;
  port: number;
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
  const answer = healthHandler({ notReady, metrics: workerMetrics(() => workers) });
  const listener = await listen(
    (req, res) =>
      answer(req, res, (error) => {
        const [status, sentence] =
          error === undefined ? [404, 'there is /livez, /readyz and /metrics'] : [500, 'the worker failed'];
        res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
        res.end(JSON.stringify({ error: sentence }));
      }),
    { host, port },
  );
  return {
    setWorkers(all, connection) {
      workers = all;
      reachable = temporalProbe(connection);
    },
    setStopping() {
      isStopping = true;
    },
    port: listener.port,
    close: () => listener.close(1_000),
  };
}

/** What Prometheus reads: the gauges are asked for when it does. */
function workerMetrics(workersNow: () => Workers) {
  const registry = processMetrics();
  const perWorker = (name: string, help: string, value: (worker: Worker) => number) =>
    new Gauge({
      ...{ name: `sluice_worker_${name}`, help, labelNames: ['worker'], registers: [registry] },
      collect() {
        for (const [worker, running] of Object.entries(workersNow())) this.set({ worker }, value(running));
      },
    });
  perWorker('running', 'Whether it polls its task queue: 1 or 0.', (worker) =>
    worker.getState() === 'RUNNING' ? 1 : 0,
  );
  perWorker('activities', 'Activities under way.', (worker) => worker.getStatus().numInFlightActivities);
  perWorker(
    'workflow_activations',
    'Steps of workflows under way.',
    (worker) => worker.getStatus().numInFlightWorkflowActivations,
  );
  perWorker(
    'cached_workflows',
    'Workflows kept in memory.',
    (worker) => worker.getStatus().numCachedWorkflows,
  );
  return registry;
}
