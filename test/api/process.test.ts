import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { ask } from './running-api.ts';

const main = fileURLToPath(new URL('../../api/main.js', import.meta.url));

function launch(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk;
    });
  return { child, said: () => said, ended: once(child, 'exit') };
}

test('starts while store and Temporal are unreachable, reports it, and ends on SIGTERM', async (t) => {
  const port = await freePort();
  const { child, said, ended } = launch({
    ...{ PORT: String(port), SLUICE_HOST: 'loopback', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    ...{ TABLESTORE_ENDPOINT: 'http://127.0.0.1:1', TABLESTORE_INSTANCE: 'i', HOME: '/nonexistent' },
    ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'hidden-secret' },
  });
  t.after(() => child.kill('SIGKILL'));
  await until(`it listens: ${said()}`, () =>
    ask(port, '/livez').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  assert.equal((await ask(port, '/readyz')).status, 503);
  assert.equal((await ask(port, '/v1/cities/110000')).status, 200);
  assert.equal((await ask(port, '/v1/cities/110000/forecast')).status, 503);
  assert.equal((await ask(port, '/v1/refresh-runs')).status, 503);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.ok(!said().includes('hidden-secret'));
  assert.match(said(), /"msg":"stopped"/);
});

test('wrong settings end it with code 2 and one message that names them all', async () => {
  const { said, ended } = launch({ PORT: 'x', WEATHER_STALE_AFTER: 'x', TABLESTORE_INSTANCE: 'i' });
  assert.deepEqual(await ended, [2, null]);
  for (const name of ['PORT', 'WEATHER_STALE_AFTER', 'TABLESTORE_ENDPOINT', 'TABLESTORE_ACCESSKEYID'])
    assert.ok(said().includes(`${name} is`), said());
});
