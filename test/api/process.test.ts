import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

test('starts while the store and Temporal are unreachable, reports both, and exits on SIGTERM', async (t) => {
  const port = await freePort();
  const { child, output, exited } = launch({
    ...{ PORT: String(port), SLUICE_HOST: 'loopback', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    ...{ TABLESTORE_ENDPOINT: 'http://127.0.0.1:1', TABLESTORE_INSTANCE: 'i', HOME: '/nonexistent' },
    ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'hidden-secret' },
  });
  t.after(() => child.kill('SIGKILL'));
  await until(`it listens: ${output()}`, () =>
    sendRequest(port, '/livez').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  assert.equal((await sendRequest(port, '/readyz')).status, 503);
  assert.equal((await sendRequest(port, '/v1/cities/110000')).status, 200);
  assert.equal((await sendRequest(port, '/v1/cities/110000/forecast')).status, 503);
  assert.equal((await sendRequest(port, '/v1/refresh-runs')).status, 503);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.ok(!output().includes('hidden-secret'));
  assert.match(output(), /"msg":"stopped"/);
});

test('with wrong settings, the api exits with code 2 and one message that names them all', async () => {
  const { output, exited } = launch({ PORT: 'x', WEATHER_STALE_AFTER: 'x', TABLESTORE_INSTANCE: 'i' });
  assert.deepEqual(await exited, [2, null]);
  for (const name of ['PORT', 'WEATHER_STALE_AFTER', 'TABLESTORE_ENDPOINT', 'TABLESTORE_ACCESSKEYID'])
    assert.ok(output().includes(`${name} is`), output());
});
