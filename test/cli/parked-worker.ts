import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { taskQueues } from '../../domain/names.ts';

const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** A worker for parked requests, with the workflows as they are shipped; once a test file. */
export async function startParkedWorker(address: string): Promise<{ stop(): Promise<void> }> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    ...{ connection, taskQueue: taskQueues.parked },
    workflowBundle: { codePath },
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
