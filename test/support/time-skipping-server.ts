import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import {
  type InternalConnectionOptions,
  InternalConnectionOptionsSymbol,
} from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../domain/temporal-contract.ts';

type Provider = typeof import('../../scripts/lib/java-tool.mjs');

const inProject = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Temporal's own test server, whose time a test moves. It has no Schedules, and lists no runs. */
export interface TimeSkippingServer {
  readonly address: string;
  readonly client: Client;
  /** Returns the server's time in epoch ms. */
  now(): Promise<number>;
  /**
   * Moves the time to an instant (epoch ms). Timers on the way end in order, and activities run to their end. Never call
   * this without a worker: time does not move while a workflow task waits.
   */
  skipTo(instant: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server. Returns undefined if Java or Maven is not available. */
export async function startTimeSkippingServer(): Promise<TimeSkippingServer | undefined> {
  const { provideJavaProgram }: Provider = await import(inProject('scripts/lib/java-tool.mjs'));
  const project = inProject('test/tools/time-skipping');
  const java = await provideJavaProgram(project, 'TimeSkippingServer.java', { name: 'time-skipping-server' });
  if (java === undefined) return undefined;
  const child = spawn('java', ['-XX:TieredStopAtLevel=1', ...java], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(Number(line)));
    child.once('error', reject);
    void exited.then(() => reject(new Error('the time-skipping server exited')));
  });
  const address = `127.0.0.1:${port}`;
  const options: InternalConnectionOptions = {
    address,
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  const connection = await Connection.connect(options);
  const { testService } = connection;
  if (testService === undefined) throw new Error('the connection has no test service');
  // The server rejects search attributes that are not registered.
  const types = { Keyword: 2, KeywordList: 7, Datetime: 6 } as const;
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributes).map(([name, type]) => [name, types[type]]),
    ),
  });
  const now = async (): Promise<number> => tsToMs((await testService.getCurrentTime({})).time);
  return {
    ...{ address, client: new Client({ connection }), now },
    async skipTo(instant) {
      const wait = instant - (await now());
      if (wait > 0) await testService.unlockTimeSkippingWithSleep({ duration: msToTs(wait) });
    },
    async stop() {
      await connection.close();
      child.stdin.end();
      await exited;
    },
  };
}
