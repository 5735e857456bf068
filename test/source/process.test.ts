import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSourceTablestore } from '../support/source-tablestore.ts';

const main = fileURLToPath(new URL('../../source/main.js', import.meta.url));

test('a source whose access key is not known logs the reason and exits with code 1', async (t) => {
  const cloud = await startSourceTablestore(t);
  const env = {
    ...{ ...cloud.environment, TABLESTORE_ACCESSKEYID: 'unknown' },
    ...{ K_SINK: 'http://127.0.0.1:1', PORT: '0' },
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  assert.deepEqual(await once(child, 'close', { signal: AbortSignal.timeout(90_000) }), [1, null], output);
  const [fatal] = output.split('\n').filter((line) => line.includes('the source stops because'));
  assert.match(String(fatal), /Tablestore rejects the key TABLESTORE_ACCESSKEYID/);
});
