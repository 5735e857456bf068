import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { localEnvironment } from '../support/local-environment.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { until } from '../support/until.ts';
import { sendRequest, startApi, storeAt } from './running-api.ts';
import { storePlace } from './stored-weather.ts';

const LEGACY = '/api/weather/query?cityCode=110000&date=2026-11-22';
const FAILED = '{"code":400,"message":"Query error: the forecast store is not available","data":null}';

/** Upper bound for an answer: the deadline, and a reserve for a busy machine. */
const MAX_ANSWER_MS = 3_500;

test('while the store is killed or frozen, the api answers 503 in time; afterwards it works without a restart', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-api-'));
  const port = await freePort();
  const local = new SluiceProcess(
    'local',
    localEnvironment(dir, { tablestore: port }),
    join(dir, 'local.log'),
  );
  t.after(async () => {
    await local.kill('SIGCONT');
    await local.kill();
    await rm(dir, { recursive: true, force: true });
  });
  await local.start();
  const store = await storeAt(t, `http://127.0.0.1:${port}`);
  await storePlace(store, '110000');
  const api = await startApi(t, { store });
  const answers = async () => {
    const began = performance.now();
    const [legacy, one, many, ready, city] = await Promise.all([
      api.get(LEGACY),
      api.get('/v1/cities/110000/forecast'),
      api.get('/v1/forecasts?adcode=110000,110101'),
      api.get('/readyz'),
      api.get('/v1/cities/110000'),
    ]);
    assert.ok(performance.now() - began < MAX_ANSWER_MS, `${performance.now() - began} ms`);
    return { legacy, one, many, ready, city };
  };
  const assertUnavailable = async (): Promise<void> => {
    const { legacy, one, many, ready, city } = await answers();
    assert.equal(city.status, 200);
    assert.deepEqual([legacy.status, legacy.text], [200, FAILED]);
    assert.equal(ready.status, 503);
    for (const answer of [one, many]) {
      assert.equal(answer.status, 503, answer.text);
      assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/);
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers.etag, undefined);
      assert.equal(answer.body.type, '/problems/unavailable');
      assert.equal(answer.body.detail, 'the forecast store is not available; retry later');
    }
  };
  const untilAvailable = (): Promise<unknown> =>
    until('the api answers again', async () => {
      const { legacy, one, many, ready } = await answers();
      return (
        [one, many, ready].every(({ status }) => status === 200) && legacy.text.startsWith('{"code":200')
      );
    });
  await untilAvailable();

  await local.kill('SIGSTOP');
  await until('readyz reports the outage', async () => (await api.get('/readyz')).status === 503);
  await assertUnavailable();
  await local.kill('SIGCONT');
  await untilAvailable();

  await local.kill();
  await until('readyz reports the outage', async () => (await api.get('/readyz')).status === 503);
  await assertUnavailable();
  await local.start();
  await untilAvailable();

  const { text } = await sendRequest(api.port, '/metrics');
  assert.match(
    text,
    /sluice_api_request_duration_seconds_count\{route="\/v1\/forecasts",status="503"\} [1-9]/,
  );
  assert.match(text, /sluice_api_store_read_duration_seconds_count\{answered="false"\} [1-9]/);
  assert.match(text, /sluice_api_store_read_duration_seconds_count\{answered="true"\} [1-9]/);
});

test('a store without tables is 503 with a message for operators', async (t) => {
  const { startTablestore } = await import('../local/tablestore/running-tablestore.ts');
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  const { createTablestoreStore } = await import('../../adapters/tablestore/tablestore-store.ts');
  const credentials = () => ({ accessKeyId: 'local', accessKeySecret: 'local-secret' });
  const store = createTablestoreStore({
    endpoint: tablestore.endpoint,
    instance: 'sluice-local',
    credentials,
  });
  t.after(() => store.close());
  const api = await startApi(t, { store });
  const { status, body } = await api.get('/v1/cities/110000/forecast');
  assert.equal(status, 503);
  assert.equal(body.detail, 'the forecast store is not set up');
  assert.equal((await api.get(LEGACY)).text, FAILED);
});
