import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import type { RefreshResult } from '../../domain/weather/refresh-run.ts';
import { serveAmap } from '../../local/amap/server.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';
import { createLog } from '../../runtime/log.ts';
import { amapControl } from './amap-control.ts';
import { freePort } from './free-port.ts';
import { localEnvironment } from './local-environment.ts';
import { SluiceProcess } from './sluice-process.ts';
import { startTemporal } from './temporal-server.ts';

const INSTANCE = 'sluice-local';
const KEY = { accessKeyId: 'local', accessKeySecret: 'local-secret' };

/** The call counts of the stand-in for AMap. */
export interface CallCounts {
  readonly total: number;
  readonly mostInASecond: number;
  readonly byAdcode: Readonly<Record<string, number>>;
}

/**
 * Starts a real Temporal server and, as child processes on free ports, the local cloud and workers with the weather
 * job. The stand-in for AMap is in the test's process, so that its counts survive restarts of the local cloud.
 * `settings` are for all workers. Stop the system in the test's `after`.
 */
export async function startWeatherSystem(settings: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-weather-'));
  const temporal = await startTemporal({ dbFile: join(dir, 'temporal.db') });
  const ports = { oss: await freePort(), tablestore: await freePort() };
  const amap = await serveAmap({ port: 0, log: createLog('amap', 'silent') });
  const amapUrl = `http://127.0.0.1:${amap.port}`;
  const endpoint = `http://127.0.0.1:${ports.tablestore}`;
  const log = (name: string): string => join(dir, `${name}.log`);
  const local = new SluiceProcess(
    'local',
    localEnvironment(join(dir, 'local'), { oss: ports.oss, tablestore: ports.tablestore }),
    log('local'),
  );
  await local.start();
  const store = createTablestoreStore({ endpoint, instance: INSTANCE, credentials: () => KEY });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const children: SluiceProcess[] = [local];

  const tablestore = {
    ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: INSTANCE },
    ...{ TABLESTORE_ACCESSKEYID: KEY.accessKeyId, TABLESTORE_ACCESSKEYSECRET: KEY.accessKeySecret },
  };
  const control = amapControl(amapUrl);
  return {
    ...{ dir, temporal, client, local, store, endpoint, tablestore, amapUrl },
    /** Returns a worker that is not started yet. `overrides` override the settings of all workers. */
    worker(name: string, overrides: Readonly<Record<string, string>> = {}): SluiceProcess {
      const worker = new SluiceProcess(
        'worker',
        {
          ...{ TEMPORAL_ADDRESS: temporal.address, SLUICE_SCRATCH: join(dir, `scratch-${name}`) },
          ...{ OSS_ENDPOINT: `http://127.0.0.1:${ports.oss}`, OSS_ACCESSKEYID: KEY.accessKeyId },
          ...{ OSS_ACCESSKEYSECRET: KEY.accessKeySecret, ...tablestore },
          ...{ WEATHER_PROVIDER: 'stand-in', AMAP_KEY: 'local', AMAP_ENDPOINT: amapUrl },
          ...{ ...settings, ...overrides },
        },
        log(name),
      );
      children.push(worker);
      return worker;
    },
    /** Returns another process that is not started yet. It is stopped together with the others. */
    child(name: 'gateway' | 'source', env: Readonly<Record<string, string>>): SluiceProcess {
      const child = new SluiceProcess(name, env, log(name));
      children.push(child);
      return child;
    },
    /** Waits for the end of a run and returns its result. */
    result: (workflowId: string): Promise<RefreshResult> => client.workflow.getHandle(workflowId).result(),
    /** Returns all runs of a workflow id, open and closed, ordered by start time. */
    async runs(workflowId: string) {
      const runs = [];
      for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(run);
      return runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
    },
    /** Sets the stand-in's faults, and the share of cities whose forecasts change with each new report. */
    faults: (settings: object) => control('POST', '/-/faults', settings),
    /** Changes forecasts of the stand-in and returns the changed ones. */
    reissue: (request: object) =>
      control('POST', '/-/faults/reissue', request) as Promise<{ casts: number; adcodes: string[] }>,
    callCounts: () => control('GET', '/-/calls') as Promise<CallCounts>,
    resetCallCounts: () => control('DELETE', '/-/calls'),
    /** Returns the outcome of each place in the table `freshness`, by adcode. */
    async freshness(): Promise<Map<string, string>> {
      const outcomes = new Map<string, string>();
      for await (const { key, columns } of store.range(freshnessTable))
        outcomes.set(key.adcode, columns.outcome ?? '');
      return outcomes;
    },
    async stop(): Promise<void> {
      await Promise.all(children.filter((child) => child !== local).map((child) => child.kill()));
      await connection.close();
      store.close();
      await local.stop();
      await temporal.stop();
      await amap.close(0);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type WeatherSystem = Awaited<ReturnType<typeof startWeatherSystem>>;
