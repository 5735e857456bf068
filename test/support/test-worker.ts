import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { taskQueues } from '../../domain/temporal-contract.ts';

/** A worker in the test's process. Stop the worker in the test's `after`. */
export interface TestWorker {
  readonly connection: NativeConnection;
  stop(): Promise<void>;
}

const shippedBundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Starts a worker for a task queue, with workflows from a compiled file or a bundle. */
export async function startWorker(
  address: string,
  options: Pick<WorkerOptions, 'taskQueue' | 'workflowsPath' | 'workflowBundle'>,
): Promise<TestWorker> {
  silenceTemporal();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, ...options });
  const running = worker.run();
  return {
    connection,
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Starts a worker without activities for a task queue, with the workflow bundle of the release. */
export const startReleasedWorkflows = (address: string, taskQueue: string): Promise<TestWorker> =>
  startWorker(address, { taskQueue, workflowBundle: { codePath: shippedBundle } });

/** Starts a worker for parked requests, with the workflow bundle of the release. */
export const startParkedWorker = (address: string): Promise<TestWorker> =>
  startReleasedWorkflows(address, taskQueues.parked);

let installed = false;

/** Temporal's runtime can be installed only once in a process. */
export function silenceTemporal(): void {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR') });
  installed = true;
}
