import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { assertAccepted, send } from '../gateway/http.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';

const ROUTES = `
routes:
  - name: greetings
    match: { source: [/people], type: [person.arrived], data: { name: [{ exists: true }] } }
    workflow: greet
    queue: greetings
    id: "greet-{id}"
    exact: true
    input: { name: "{data.name}" }
  - name: greetings-later
    match: { source: [/people], type: [person.announced] }
    workflow: greet
    queue: greetings
    id: "greet-{id}"
    exact: true
    input: { name: "{data.name}" }
    delay: PT2S
`;

const dir = mkdtempSync(join(tmpdir(), 'sluice-user-workflow-'));
let temporal: TestTemporal;
let gateway: SluiceProcess;
let port: number;
let worker: TestWorker;
before(async () => {
  temporal = await startTemporal();
  const routes = join(dir, 'routes.yaml');
  writeFileSync(routes, ROUTES);
  port = await freePort();
  const env = { TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_HOST: 'loopback' };
  gateway = new SluiceProcess('gateway', { ...env, SLUICE_ROUTES: routes }, join(dir, 'gateway.log'));
  await gateway.start();
  const workflowsPath = fileURLToPath(new URL('./user-workflows/greet.js', import.meta.url));
  worker = await startWorker(temporal.address, { taskQueue: 'greetings', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

const post = (id: string, type: string) =>
  send(port, {
    headers: {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/people',
      'ce-type': type,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: '北京' }),
  });

test('with only a routes file, an event starts a workflow that does not use Sluice', async () => {
  assertAccepted(await post('1', 'person.arrived'), '/events/%2Fpeople/1');
  const client = new Client({ connection: worker.connection });
  assert.equal(await client.workflow.getHandle('greet-1').result(), 'Hello, 北京, from greet-1');
});

test('a route with a delay starts its run later', async () => {
  assertAccepted(await post('2', 'person.announced'), '/events/%2Fpeople/2');
  const handle = new Client({ connection: worker.connection }).workflow.getHandle('greet-2');
  const { startTime, executionTime, status } = await handle.describe();
  assert.equal(status.name, 'RUNNING');
  assert.equal((executionTime?.getTime() ?? 0) - startTime.getTime(), 2_000);
  assert.equal(await handle.result(), 'Hello, 北京, from greet-2');
});
