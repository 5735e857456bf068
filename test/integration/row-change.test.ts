import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import {
  KEY_ID,
  type RunningTablestore,
  SECRET,
  startTablestore,
} from '../local/tablestore/running-tablestore.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';

const ROUTES = `
routes:
  - name: changes
    match: { type: [{ prefix: tablestore.row. }], adcode: [{ prefix: "11" }], data: { operation: [put, update] } }
    workflow: greet
    queue: greetings
    id: "change:{adcode}/{date}"
    input: { name: "{data.columns.dayweather}" }
`;
const sluice = fileURLToPath(new URL('../../../bin/sluice.mjs', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'sluice-row-change-'));
let tablestore: RunningTablestore;
let temporal: TestTemporal;
let gateway: SluiceProcess;
let source: SluiceProcess;
let worker: TestWorker;
let environment: Record<string, string>;

const command = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, ...environment };
  return (await promisify(execFile)(process.execPath, [sluice, ...args], { env, timeout: 20_000 })).stdout;
};

before(async () => {
  [tablestore, temporal] = await Promise.all([startTablestore(), startTemporal()]);
  const routes = join(dir, 'routes.yaml');
  writeFileSync(routes, ROUTES);
  const [port, sourcePort] = [await freePort(), await freePort()];
  environment = {
    ...{ TABLESTORE_ENDPOINT: tablestore.endpoint, TABLESTORE_INSTANCE: 'sluice-local' },
    ...{ TABLESTORE_ACCESSKEYID: KEY_ID, TABLESTORE_ACCESSKEYSECRET: SECRET },
    ...{ SLUICE_GATEWAY: `http://127.0.0.1:${port}`, SLUICE_TEMPORAL_ADDRESS: temporal.address },
    ...{ SLUICE_HOME: dir, SLUICE_HOST: 'loopback' },
  };
  await tablestore.makeTable('weather', ['adcode', 'date']);
  const workflowsPath = fileURLToPath(new URL('./user-workflows/greet.js', import.meta.url));
  worker = await startWorker(temporal.address, { taskQueue: 'greetings', workflowsPath });
  const gatewayEnv = { TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_ROUTES: routes };
  gateway = new SluiceProcess('gateway', { ...environment, ...gatewayEnv }, join(dir, 'gateway.log'));
  const sourceEnv = {
    K_SINK: `http://127.0.0.1:${port}/events`,
    PORT: String(sourcePort),
    SOURCE_POLL_MS: '50',
  };
  const times = { SOURCE_HEARTBEAT_MS: '500', SOURCE_TIMEOUT_MS: '2000' };
  source = new SluiceProcess('source', { ...environment, ...sourceEnv, ...times }, join(dir, 'source.log'));
  await Promise.all([gateway.start(), source.start()]);
  const ready = async (): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${sourcePort}/readyz`)).status === 200;
  await until('the source is ready', ready);
});
after(async () => {
  await source?.stop();
  await gateway?.stop();
  await worker?.stop();
  await Promise.all([temporal?.stop(), tablestore?.stop()]);
  rmSync(dir, { recursive: true });
});

test('a changed row starts the run of a route, and sluice trace finds it', async () => {
  const put = await command('table', 'put', 'weather', 'adcode=110000', 'date=2026-11-23', 'dayweather=小雨');
  assert.match(put, /^put 110000 2026-11-23 into table weather/);
  const client = new Client({ connection: worker.connection });
  const runs = async () => {
    const found = [];
    for await (const run of client.workflow.list({ query: `Route = 'changes'` })) found.push(run);
    return found;
  };
  await until('the run exists', async () => (await runs()).length === 1);
  const [run] = await runs();
  assert.match(run?.workflowId ?? '', /^change:110000\/2026-11-23:[0-9a-f]{16}$/);
  const handle = client.workflow.getHandle(run?.workflowId ?? '');
  assert.match(String(await handle.result()), /^Hello, 小雨, from change:/);
  const { event } = (run?.memo ?? {}) as {
    event: { id: string; source: string; type: string; subject: string };
  };
  assert.equal(event.source, '/tablestore/sluice-local/weather');
  assert.equal(event.type, 'tablestore.row.put');
  assert.equal(event.subject, 'adcode=110000,date=2026-11-23');
  assert.match(await command('trace', event.source, event.id), /changes[\s\S]*COMPLETED|completed/);
});

test('sluice table and sluice source status show rows and channels', async () => {
  assert.equal(
    await command('table', 'get', 'weather', 'adcode=110000', 'date=2026-11-23'),
    '110000 2026-11-23  dayweather=小雨\n',
  );
  assert.equal(
    await command('table', 'scan', 'weather', 'adcode=110000', '--json'),
    '{"adcode":"110000","date":"2026-11-23","dayweather":"小雨"}\n',
  );
  const status = await command('source', 'status');
  assert.match(status, /^tunnel sluice of table weather: Stream, ProcessStream\n/);
  assert.equal(status.match(/Stream +OPEN/g)?.length, 4);
});
