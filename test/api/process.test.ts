import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { sendRequest } from './running-api.ts';

const main = fileURLToPath(new URL('../../api/main.js', import.meta.url));

function launch(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  return { child, output: () => output, exited: once(child, 'exit') };
}

/** Settings of an api whose store listens at `endpoint`. */
const settings = (port: number, endpoint: string) => ({
  ...{ PORT: String(port), SLUICE_HOST: 'loopback', TEMPORAL_ADDRESS: '127.0.0.1:1' },
  ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: 'i', HOME: '/nonexistent' },
  ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'hidden-secret' },
});

const untilListening = (port: number) =>
  until('the api listens', () =>
    sendRequest(port, '/livez').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );

test('starts while the store and Temporal are unreachable, reports both, and exits on SIGTERM', async (t) => {
  const port = await freePort();
  const { child, output, exited } = launch(settings(port, 'http://127.0.0.1:1'));
  t.after(() => child.kill('SIGKILL'));
  await untilListening(port);
  assert.equal((await sendRequest(port, '/readyz')).status, 503);
  assert.equal((await sendRequest(port, '/v1/cities/110000')).status, 200);
  assert.equal((await sendRequest(port, '/v1/cities/110000/forecast')).status, 503);
  assert.equal((await sendRequest(port, '/v1/refresh-runs')).status, 503);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.ok(!output().includes('hidden-secret'));
  assert.match(output(), /"msg":"stopped"/);
});

test('with SLUICE_METRICS_TOKENS, the metrics of an api process require one of these tokens', async (t) => {
  const port = await freePort();
  const tokens = { SLUICE_METRICS_TOKENS: 'scraper other' };
  const { child, exited } = launch({ ...settings(port, 'http://127.0.0.1:1'), ...tokens });
  t.after(() => child.kill('SIGKILL'));
  await untilListening(port);
  assert.equal((await sendRequest(port, '/metrics')).status, 401);
  for (const [token, status] of [
    ['wrong', 401],
    ['scraper', 200],
    ['other', 200],
  ] as const) {
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await sendRequest(port, '/metrics', { headers })).status, status, token);
  }
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('after SIGTERM, the api is not ready but answers requests for SLUICE_DRAIN_MS', async (t) => {
  const port = await freePort();
  const { child, exited } = launch({ ...settings(port, 'http://127.0.0.1:1'), SLUICE_DRAIN_MS: '3000' });
  t.after(() => child.kill('SIGKILL'));
  await untilListening(port);
  child.kill('SIGTERM');
  await until(
    'the api is not ready',
    async () => (await sendRequest(port, '/readyz')).body.detail === 'the api is stopping',
  );
  const { status, headers } = await sendRequest(port, '/v1/cities/110000');
  assert.deepEqual([status, headers.connection], [200, 'close']);
  assert.deepEqual(await exited, [0, null]);
});

test('a request that is in progress at SIGTERM is answered before the api exits', async (t) => {
  let requested = false;
  const silentStore = createServer(() => {
    requested = true;
  });
  silentStore.listen(0, '127.0.0.1');
  await once(silentStore, 'listening');
  const endpoint = `http://127.0.0.1:${(silentStore.address() as AddressInfo).port}`;
  const port = await freePort();
  const { child, exited } = launch(settings(port, endpoint));
  t.after(() => {
    child.kill('SIGKILL');
    silentStore.closeAllConnections();
    silentStore.close();
  });
  await untilListening(port);
  const answer = sendRequest(port, '/v1/cities/110000/forecast');
  await until('the store is asked', () => requested);
  child.kill('SIGTERM');
  assert.equal((await answer).status, 503);
  assert.deepEqual(await exited, [0, null]);
});

test('with wrong settings, the api exits with code 2 and one message that names them all', async () => {
  const { output, exited } = launch({ PORT: 'x', WEATHER_STALE_AFTER: 'x', TABLESTORE_INSTANCE: 'i' });
  assert.deepEqual(await exited, [2, null]);
  for (const name of ['PORT', 'WEATHER_STALE_AFTER', 'TABLESTORE_ENDPOINT', 'TABLESTORE_ACCESSKEYID'])
    assert.ok(output().includes(`${name} is`), output());
});
