import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { RETENTION_DAYS } from '../../../domain/temporal-contract.ts';
import { inspectNamespace, reconcileNamespace } from '../../../runtime/temporal-namespace.ts';
import { send } from '../../gateway/http.ts';
import { freePort } from '../../support/free-port.ts';
import { startTemporal, type TestTemporal } from '../../support/temporal-server.ts';

let folder = '';
let server: TestTemporal;
let connection: Connection;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-namespace-'));
  server = await startTemporal({ dbFile: join(folder, 'temporal.db') });
  connection = await Connection.connect({ address: server.address });
});
after(async () => {
  await connection?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ready = { missing: [], mistyped: [], retentionDays: RETENTION_DAYS };

test("as soon as a new server answers, it has Sluice's search attributes and a retention of 7 days", async () => {
  assert.deepEqual(await inspectNamespace(connection, 'default'), ready);
});

test('adds search attributes that the namespace of an older home lacks, and they can be used at once', async () => {
  await connection.operatorService.removeSearchAttributes({
    namespace: 'default',
    searchAttributes: ['City', 'EventId'],
  });
  assert.deepEqual((await inspectNamespace(connection, 'default')).missing, ['City', 'EventId']);
  assert.deepEqual((await reconcileNamespace(connection, 'default')).missing, ['City', 'EventId']);
  assert.deepEqual(await inspectNamespace(connection, 'default'), ready);

  const city = defineSearchAttributeKey('City', 'KEYWORD');
  const handle = await new Client({ connection }).workflow.start('nobodyRunsThis', {
    taskQueue: 'nobody',
    workflowId: 'uses-a-new-attribute',
    typedSearchAttributes: [{ key: city, value: '110000' }],
  });
  assert.equal((await handle.describe()).typedSearchAttributes.get(city), '110000');
});

test('runs, attributes and retention still exist after kill -9 and another start', async () => {
  await server.kill();
  await server.restart();
  assert.deepEqual(await inspectNamespace(connection, 'default'), ready);
  const run = await new Client({ connection }).workflow.getHandle('uses-a-new-attribute').describe();
  assert.equal(run.status.name, 'RUNNING');
});

test('stopping a test server leaves no process', async () => {
  const other = await startTemporal();
  const { pid } = other;
  await other.stop();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test("the server's HTTP API, which web pages could use, accepts no request", async () => {
  const httpPort = await freePort();
  const other = await startTemporal({ httpPort });
  try {
    for (const host of [`127.0.0.1:${httpPort}`, 'localhost', 'evil.example']) {
      const path = '/api/v1/namespaces/default/workflows/w';
      const body = JSON.stringify({ workflowType: { name: 'w' }, taskQueue: { name: 'q' } });
      const answer = await send(httpPort, { path, headers: { host, 'content-type': 'text/plain' }, body });
      assert.deepEqual([answer.status, answer.body], [403, '{"code": 7, "message": "Host not allowed"}']);
    }
  } finally {
    await other.stop();
  }
});
