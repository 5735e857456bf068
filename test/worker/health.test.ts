import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startHealthServer } from '../../worker/health.ts';
import { send } from '../gateway/http.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-worker-'));
let temporal: TestTemporal;
let worker: SluiceProcess;
let url: string;
before(async () => {
  temporal = await startTemporal({ dbFile: join(dir, 'temporal.db') });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const store = { OSS_ENDPOINT: 'http://127.0.0.1:1', OSS_ACCESSKEYID: 'k', OSS_ACCESSKEYSECRET: 's' };
  const settings = {
    ...{ TEMPORAL_ADDRESS: temporal.address, SLUICE_SCRATCH: join(dir, 'scratch') },
    SLUICE_METRICS_TOKENS: 'scraper other',
  };
  worker = new SluiceProcess(
    'worker',
    { ...store, ...settings, PORT: String(port) },
    join(dir, 'worker.log'),
  );
  await worker.start();
});
after(async () => {
  if (temporal !== undefined) process.kill(temporal.pid, 'SIGCONT');
  await worker?.stop();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

const get = async (path: string, method = 'GET', token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${path}`, { method, headers });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
};
const notReadyReason = async (): Promise<string | undefined> => {
  const { status, body } = await get('/readyz');
  assert.equal(status, body === '' ? 200 : 503);
  return body === '' ? undefined : (JSON.parse(body) as { error: string }).error;
};

test('the worker process is alive and ready after it has reported that it is ready', async () => {
  assert.deepEqual(await get('/livez'), { status: 200, type: null, body: '' });
  assert.equal(await notReadyReason(), undefined);
});

test('the metrics have values of each Temporal worker and of the process', async () => {
  const { status, type, body } = await get('/metrics', 'GET', 'scraper');
  assert.equal(status, 200);
  assert.match(String(type), /^text\/plain/);
  for (const name of ['unzip', 'scratch', 'parked']) {
    assert.match(body, new RegExp(`^sluice_worker_running\\{worker="${name}"\\} 1$`, 'm'));
    for (const gauge of ['activities', 'workflow_activations', 'cached_workflows'])
      assert.match(body, new RegExp(`^sluice_worker_${gauge}\\{worker="${name}"\\} 0$`, 'm'));
  }
  assert.match(body, /^process_resident_memory_bytes \d+$/m);
});

test('on loopback, the health server of the worker rejects a foreign Host', async () => {
  const health = await startHealthServer({ host: 'loopback', port: 0, metricsTokens: [] });
  try {
    const statusFor = async (host: string) =>
      (await send(health.port, { method: 'GET', path: '/metrics', headers: { host } })).status;
    assert.equal(await statusFor(`localhost:${health.port}`), 200);
    assert.equal(await statusFor('evil.example'), 403);
  } finally {
    await health.close();
  }
});

test('with SLUICE_METRICS_TOKENS, the metrics of the worker require one of these tokens', async () => {
  for (const [token, status] of [
    [undefined, 401],
    ['wrong', 401],
    ['scraper other', 401],
    ['scraper', 200],
    ['other', 200],
  ] as const)
    assert.equal((await get('/metrics', 'GET', token)).status, status, token);
});

test('other paths and methods are answered with 404', async () => {
  for (const [path, method] of [
    ['/', 'GET'],
    ['/readyzz', 'GET'],
    ['/livez', 'POST'],
  ] as const)
    assert.equal((await get(path, method)).status, 404);
});

test('the worker process is alive but not ready while Temporal is unreachable, and ready again afterwards', async () => {
  await temporal.stop();
  await until(
    'the worker is not ready',
    async () => (await notReadyReason()) === 'Temporal cannot be reached',
  );
  assert.equal((await get('/livez')).status, 200);
  await temporal.restart();
  await until('the worker is ready again', async () => (await notReadyReason()) === undefined);
});

test('the worker process is not ready after SIGTERM, and exits with 0', async () => {
  // The worker's pollers cannot end before Temporal continues.
  process.kill(temporal.pid, 'SIGSTOP');
  const stopped = worker.stop();
  await until('the worker is stopping', async () => (await notReadyReason()) === 'the worker is stopping');
  assert.equal((await get('/livez')).status, 200);
  process.kill(temporal.pid, 'SIGCONT');
  await stopped;
  assert.match(readFileSync(join(dir, 'worker.log'), 'utf8'), /"msg":"stopped"/);
});
