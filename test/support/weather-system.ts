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

/** What the stand-in of AMap counted. */
export interface CountedCalls {
  readonly total: number;
  readonly mostInASecond: number;
  readonly byAdcode: Readonly<Record<string, number>>;
}

/**
 * A real Temporal server, the local cloud and workers with the weather job as processes, on free ports; the stand-in of
 * AMap in this process, so that its counts outlive the local cloud. `settings` are the workers'. Stop it in the test's
 * `after`.
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
  const ask = amapControl(amapUrl);
  return {
    ...{ dir, temporal, client, local, store, endpoint, tablestore, amapUrl },
    /** A worker that has not been started yet, with its settings in place of those that all have. */
    worker(name: string, own: Readonly<Record<string, string>> = {}): SluiceProcess {
      const worker = new SluiceProcess(
        'worker',
        {
          ...{ TEMPORAL_ADDRESS: temporal.address, SLUICE_SCRATCH: join(dir, `scratch-${name}`) },
          ...{ OSS_ENDPOINT: `http://127.0.0.1:${ports.oss}`, OSS_ACCESSKEYID: KEY.accessKeyId },
          ...{ OSS_ACCESSKEYSECRET: KEY.accessKeySecret, ...tablestore },
          ...{ WEATHER_PROVIDER: 'stand-in', AMAP_KEY: 'local', AMAP_ENDPOINT: amapUrl },
          ...{ ...settings, ...own },
        },
        log(name),
      );
      children.push(worker);
      return worker;
    },
    /** Another of our processes, not started yet, that is stopped with the others. */
    child(name: 'gateway' | 'source', env: Readonly<Record<string, string>>): SluiceProcess {
      const child = new SluiceProcess(name, env, log(name));
      children.push(child);
      return child;
    },
    /** A run's result, once it has completed. */
    result: (workflowId: string): Promise<RefreshResult> => client.workflow.getHandle(workflowId).result(),
    /** All runs of an id, open and closed, in the order in which they began. */
    async runs(workflowId: string) {
      const runs = [];
      for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(run);
      return runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
    },
    /** Sets faults of the stand-in, and the share of cities that its own issues change. */
    faults: (settings: object) => ask('POST', '/-/faults', settings),
    /** Changes forecasts of the stand-in, and says which. */
    reissue: (wish: object) =>
      ask('POST', '/-/faults/reissue', wish) as Promise<{ casts: number; adcodes: string[] }>,
    counted: () => ask('GET', '/-/calls') as Promise<CountedCalls>,
    forgetCalls: () => ask('DELETE', '/-/calls'),
    /** Of which places `freshness` says how they came off, by adcode. */
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
