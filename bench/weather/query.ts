import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { weatherTable } from '../../ports/weather-tables.ts';
import { freePort } from '../../test/support/free-port.ts';
import { localEnvironment } from '../../test/support/local-environment.ts';
import { SluiceProcess } from '../../test/support/sluice-process.ts';
import { median } from '../machine.ts';
import { percentiles } from '../source/percentiles.ts';
import { forecastOf } from '../source/rows.ts';
import type { QueryLoadCommand } from './query-load-program.ts';

const ROUND_MS = 3_000;
const PAIRS = 5;
const PARALLEL = 16;
const PLACES = 1_000;
const DATE = '2026-11-23';
const KEY = { accessKeyId: 'local', accessKeySecret: 'local-secret' };

/**
 * Compares two rates in alternating rounds. One is the rate at which the api answers requests in the format of the
 * replaced weather service. The other is the rate at which the store answers reads of the same rows without the api.
 * Then measures the time of a request to the api at 100 requests per second.
 */
export async function query() {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-query-'));
  const [tablestorePort, apiPort] = [await freePort(), await freePort()];
  const tablestore = `http://127.0.0.1:${tablestorePort}`;
  const local = new SluiceProcess(
    'local',
    localEnvironment(join(dir, 'local'), { tablestore: tablestorePort }),
    join(dir, 'local.log'),
  );
  await local.start();
  const api = new SluiceProcess(
    'api',
    {
      ...{ TABLESTORE_ENDPOINT: tablestore, TABLESTORE_INSTANCE: 'sluice-local' },
      ...{ TABLESTORE_ACCESSKEYID: KEY.accessKeyId, TABLESTORE_ACCESSKEYSECRET: KEY.accessKeySecret },
      ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', PORT: String(apiPort), SLUICE_HOST: '127.0.0.1' },
      SLUICE_LOG_LEVEL: 'warn',
    },
    join(dir, 'api.log'),
  );
  await api.start();
  const load = fork(fileURLToPath(new URL('./query-load-program.js', import.meta.url)));
  await once(load, 'spawn');
  try {
    const keys = await fill(tablestore);
    const fromStore: QueryLoadCommand = { tablestore, keys, parallel: PARALLEL };
    const throughApi = { ...fromStore, api: `http://127.0.0.1:${apiPort}` };
    const perSecond = async (command: QueryLoadCommand): Promise<number> => {
      load.send(command);
      await wait(ROUND_MS);
      const answer = once(load, 'message');
      load.send(null as unknown as object);
      const [{ made }] = (await answer) as [{ made: number }];
      return Math.round((made * 1_000) / ROUND_MS);
    };
    for (const command of [throughApi, fromStore]) await perSecond(command);
    const pairs: { api: number; bare: number }[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      pairs.push({ api: await perSecond(throughApi), bare: await perSecond(fromStore) });
      console.log(`query: ${JSON.stringify(pairs.at(-1))}`);
    }
    load.send({ ...throughApi, rate: { perSecond: 100, seconds: 20 } });
    const [{ took }] = (await once(load, 'message')) as [{ took: number[] }];
    const result = {
      apiPerSecond: median(pairs.map((pair) => pair.api)),
      barePerSecond: median(pairs.map((pair) => pair.bare)),
      ratio: Math.round(median(pairs.map((pair) => pair.api / pair.bare)) * 100) / 100,
      at100PerSecondMs: percentiles(took),
      pairs,
    };
    console.log(`query: ${JSON.stringify(result)}`);
    return result;
  } finally {
    const exited = once(load, 'exit');
    load.disconnect();
    await exited;
    await api.stop();
    await local.stop();
    rmSync(dir, { recursive: true });
  }
}

async function fill(endpoint: string) {
  const store = createTablestoreStore({ endpoint, instance: 'sluice-local', credentials: () => KEY });
  const keys = allPlaces()
    .slice(0, PLACES)
    .map(({ adcode }) => ({ adcode, date: DATE }));
  const columns = Object.fromEntries(
    forecastOf(1).flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  await store.writeMany(
    weatherTable,
    keys.map((key) => ({ key, do: 'put', columns })),
  );
  store.close();
  return keys;
}
