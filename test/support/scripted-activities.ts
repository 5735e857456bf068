import { fileURLToPath } from 'node:url';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { startTemporal } from './temporal-server.ts';

const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

type Script = (task: never, call: number) => unknown;

/** A call of an activity. */
export interface ActivityCall {
  readonly name: string;
  readonly task: unknown;
}

/**
 * The real workflows on a real Temporal server, with activities that do what the test says. An activity without a script
 * fails the run.
 */
export interface ScriptedActivities {
  readonly client: Client;
  /** All calls since the last `script`, in order. */
  readonly calls: ActivityCall[];
  /** Sets what the activities do. Each function gets the task and the number of earlier calls of this activity. */
  script(scripts: Readonly<Record<string, Script>>): void;
  /** The names of the called activities, in order. */
  names(): string[];
  stop(): Promise<void>;
}

/** Starts a worker with these activities for each task queue. `dynamicConfig` is of the Temporal server. */
export async function startScriptedActivities(
  names: readonly string[],
  queues: readonly string[],
  dynamicConfig: Readonly<Record<string, number>> = {},
): Promise<ScriptedActivities> {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });
  const temporal = await startTemporal({ dynamicConfig });
  const connection = await NativeConnection.connect({ address: temporal.address });
  const clientConnection = await Connection.connect({ address: temporal.address });
  const calls: ActivityCall[] = [];
  let scripts: Readonly<Record<string, Script>> = {};
  const activities = Object.fromEntries(
    names.map((name) => [
      name,
      async (task: unknown) => {
        const script = scripts[name];
        const earlier = calls.filter((call) => call.name === name).length;
        calls.push({ name, task });
        if (script === undefined)
          throw ApplicationFailure.nonRetryable(`unexpected call of ${name}`, 'Unexpected');
        return await script(task as never, earlier);
      },
    ]),
  );
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({ connection, taskQueue, activities, workflowBundle: { codePath } }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  return {
    client: new Client({ connection: clientConnection }),
    calls,
    script(next) {
      calls.length = 0;
      scripts = next;
    },
    names: () => calls.map(({ name }) => name),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
      await clientConnection.close();
      await temporal.stop();
    },
  };
}

/** A failure that is retried. */
export const retryable = (type: string): ApplicationFailure =>
  ApplicationFailure.create({ type, message: `${type} happened`, nonRetryable: false });

/** A failure that ends the activity. */
export const final = (type: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${type} happened`, type);
