import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { beijingDay } from '../../domain/weather/beijing-time.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';
import { KEY_ID, SECRET } from '../local/tablestore/running-tablestore.ts';
import { freePort } from '../support/free-port.ts';
import { localEnvironment } from '../support/local-environment.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { storeAt } from './running-api.ts';
import { CHECK, COLUMNS } from './stored-weather.ts';

const CLIENTS = 300;
const LOAD_MS = 5_000;
const MIN_ADMITTED = 10;
const PLACES = allPlaces()
  .slice(0, 50)
  .map(({ adcode }) => adcode);
const DATES = Array.from({ length: 10 }, (_, day) => beijingDay(Date.now() + day * 86_400_000));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const residentMb = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;

test('under hundreds of concurrent requests of maximum size, the api stays alive, answers /livez before its reads, and uses little memory', {
  timeout: 300_000,
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-api-'));
  const [store, port] = [await freePort(), await freePort()];
  const local = new SluiceProcess(
    'local',
    localEnvironment(dir, { tablestore: store }),
    join(dir, 'local.log'),
  );
  const endpoint = `http://127.0.0.1:${store}`;
  const api = new SluiceProcess(
    'api',
    {
      ...{ PORT: String(port), SLUICE_HOST: 'loopback', TEMPORAL_ADDRESS: '127.0.0.1:1', HOME: dir },
      ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: 'sluice-local' },
      ...{ TABLESTORE_ACCESSKEYID: KEY_ID, TABLESTORE_ACCESSKEYSECRET: SECRET },
    },
    join(dir, 'api.log'),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const watcher = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(async () => {
    for (const each of [agent, watcher]) each.destroy();
    await api.kill();
    await local.kill();
    await rm(dir, { recursive: true, force: true });
  });
  await local.start();
  const rows = await storeAt(t, endpoint);
  const days = PLACES.flatMap((adcode) => DATES.map((date) => ({ adcode, date })));
  await rows.writeMany(
    weatherTable,
    days.map((key) => ({ do: 'put', key, columns: COLUMNS })),
  );
  await rows.writeMany(
    freshnessTable,
    PLACES.map((adcode) => ({ do: 'put', key: { adcode }, columns: CHECK })),
  );
  await api.start();

  const path = `/v1/forecasts?days=10&adcode=${PLACES.join(',')}`;
  const statuses = new Map<string, number>();
  const askOnce = (from: Agent, requestPath: string) =>
    new Promise<string>((resolve) => {
      get({ host: '127.0.0.1', port, path: requestPath, agent: from }, (answer) => {
        const { statusCode, headers } = answer;
        const isRefusal = statusCode === 503 && /^[1-9]\d*$/.test(headers['retry-after'] ?? '');
        answer.resume().on('end', () => resolve(isRefusal ? 'refused' : String(statusCode)));
        answer.on('error', ({ message }) => resolve(message));
      }).on('error', ({ message }) => resolve(message));
    });
  // This connection exists before the others.
  assert.equal(await askOnce(watcher, '/livez'), '200');
  const ends = performance.now() + LOAD_MS;
  const admitted = (): number => statuses.get('200') ?? 0;
  /** On a busy machine, the first requests take longer. So the load goes on until some have been answered. */
  const isLoaded = (): boolean => performance.now() < ends || admitted() < MIN_ADMITTED;
  const admittedMs: number[] = [];
  const client = async (): Promise<void> => {
    while (isLoaded()) {
      const began = performance.now();
      const status = await askOnce(agent, path);
      if (status === '200') admittedMs.push(performance.now() - began);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const [livezMs, memoryMb]: [number[], number[]] = [[], []];
  const watch = async (): Promise<void> => {
    while (isLoaded()) {
      const began = performance.now();
      assert.equal(await askOnce(watcher, '/livez'), '200');
      livezMs.push(performance.now() - began);
      memoryMb.push(await residentMb(api.pid));
    }
  };
  await Promise.all([watch(), ...Array.from({ length: CLIENTS }, client)]);
  const summary = JSON.stringify([...statuses]);
  assert.deepEqual([...statuses.keys()].sort(), ['200', 'refused'], summary);
  assert.ok(
    median(livezMs) < median(admittedMs),
    `/livez took ${median(livezMs)} ms, a read ${median(admittedMs)} ms; ${summary}`,
  );
  assert.ok(Math.max(...memoryMb) < 320, `${Math.max(...memoryMb)} MB`);
  t.diagnostic(`${summary}, /livez ${median(livezMs) | 0} ms, ${Math.max(...memoryMb) | 0} MB`);
});
