import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';

let temporal: TestTemporal;
let dir: string;
before(async () => {
  temporal = await startTemporal();
  dir = await mkdtemp(join(tmpdir(), 'sluice-queues-'));
});
after(async () => {
  await temporal?.stop();
  await rm(dir, { recursive: true });
});

const workerOf = (name: string, env: Readonly<Record<string, string>>): SluiceProcess =>
  new SluiceProcess('worker', { TEMPORAL_ADDRESS: temporal.address, ...env }, join(dir, `${name}.log`));

test('a worker for one queue needs no settings of other jobs, and waits for Temporal without ending', async (t) => {
  const port = await freePort();
  const ready = async (): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return [response.status, await response.text()];
  };
  await temporal.kill();
  const worker = workerOf('parked', { SLUICE_QUEUES: 'parked', PORT: String(port) });
  const started = worker.start();
  t.after(() => worker.stop());
  const waiting = await until('the health server answers', () => ready().catch(() => undefined));
  assert.equal(waiting[0], 503);
  assert.match(waiting[1], /the worker is starting/);
  await until('the log names the problem', async () =>
    (await worker.logLines()).some(
      (line) => line.includes('cannot reach Temporal') && line.includes(temporal.address),
    ),
  );
  await temporal.restart();
  await started;
  await until('the worker is ready', async () => (await ready())[0] === 200);
});

test('a worker that must serve a job without settings ends, and names what is missing', async () => {
  const alerts = workerOf('alerts', { SLUICE_QUEUES: 'alerts' });
  await assert.rejects(
    alerts.start(),
    /exited with code 2[\s\S]*SLUICE_QUEUES has alerts, but TABLESTORE_ENDPOINT is not set/,
  );
  const unzip = workerOf('unzip', { SLUICE_QUEUES: 'unzip' });
  await assert.rejects(unzip.start(), /exited with code 2[\s\S]*OSS_ENDPOINT is not set/);
});

test('with two versions side by side, a short run stays with the version that began it, and a long one moves to the newest', async (t) => {
  const connection = await Connection.connect({ address: temporal.address });
  t.after(() => connection.close());
  const client = new Client({ connection });
  const unanswered = `http://127.0.0.1:${await freePort()}`;
  const startVersion = async (buildId: string): Promise<void> => {
    const worker = workerOf(buildId, {
      ...{
        SLUICE_QUEUES: 'weather,parked',
        WEATHER_PROVIDER: 'stand-in',
        AMAP_KEY: 'k',
        AMAP_ENDPOINT: unanswered,
      },
      ...{ TABLESTORE_ENDPOINT: unanswered, TABLESTORE_INSTANCE: 'i' },
      ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'secret' },
      ...{ TEMPORAL_DEPLOYMENT_NAME: 'sluice', TEMPORAL_WORKER_BUILD_ID: buildId },
    });
    t.after(() => worker.stop());
    await worker.start();
    await until(`${buildId} is the current version`, () =>
      connection.workflowService
        .setWorkerDeploymentCurrentVersion({
          ...{ namespace: 'default', deploymentName: 'sluice', buildId, ignoreMissingTaskQueues: true },
        })
        .then(
          () => true,
          () => false,
        ),
    );
  };
  await startVersion('v1');
  const parked = { reason: 'r', status: 400, receivedAt: 'now', event: {}, path: '/', headers: {}, body: '' };
  const long = await client.workflow.start('parkedEvent', {
    taskQueue: 'parked',
    workflowId: 'p',
    args: [parked],
  });
  const short = await client.workflow.start('refreshWeather', {
    taskQueue: 'weather',
    workflowId: 'w',
    args: [],
  });
  for (const run of [long, short])
    await until('a task of the run is done', async () =>
      (await run.fetchHistory()).events?.some(({ workflowTaskCompletedEventAttributes: done }) => done),
    );
  await startVersion('v2');
  await long.signal('settled', { outcome: 'dismissed' });
  await short.cancel();
  await Promise.allSettled([long.result(), short.result()]);
  const buildOf = async ({ workflowId }: { readonly workflowId: string }) =>
    (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.versioningInfo
      ?.deploymentVersion?.buildId;
  assert.deepEqual([await buildOf(long), await buildOf(short)], ['v2', 'v1']);
});
