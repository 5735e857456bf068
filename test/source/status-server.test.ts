import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../local/raw-request.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';

const SINK = { K_SINK: 'http://127.0.0.1:1' };

test('a source on loopback answers 403 to a web page whose name resolves to this machine', async (t) => {
  const { environment } = await startSourceTablestore(t);
  const { url } = await startTestSource(t, { ...environment, ...SINK, SLUICE_HOST: 'loopback' });
  for (const path of ['/status', '/metrics', '/readyz']) {
    const { status, body } = await send(url, path, { headers: { host: 'evil.example' } });
    assert.deepEqual([status, Object.keys(JSON.parse(String(body)))], [403, ['error']], path);
  }
  assert.equal((await send(url, '/status')).status, 200);
});

test('a source with a public address answers requests for any host name', async (t) => {
  const { environment } = await startSourceTablestore(t);
  const { url } = await startTestSource(t, { ...environment, ...SINK });
  assert.equal((await send(url, '/status', { headers: { host: 'source.example' } })).status, 200);
});

test('with SLUICE_METRICS_TOKENS, the metrics of the source require one of these tokens, and /status requires none', async (t) => {
  const { environment } = await startSourceTablestore(t);
  const { url } = await startTestSource(t, {
    ...{ ...environment, ...SINK },
    SLUICE_METRICS_TOKENS: 'scraper other',
  });
  const statusOf = async (path: string, authorization?: string): Promise<number> =>
    (await send(url, path, { headers: authorization === undefined ? {} : { authorization } })).status;
  assert.equal(await statusOf('/metrics'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer wrong'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer scraper'), 200);
  assert.equal(await statusOf('/metrics', 'Bearer other'), 200);
  assert.equal(await statusOf('/status'), 200);
});
