import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type RunningTablestore, startTablestore } from '../local/tablestore/running-tablestore.ts';
import { testAllCasesWith } from './tablestore-conform.ts';
import { pythonClient, pythonWithSdk } from './tablestore-python-client.ts';

const python = await pythonWithSdk();
let running: RunningTablestore | undefined;
after(() => running?.stop());

if (python !== undefined) {
  testAllCasesWith({ name: 'python' }, async () => {
    running ??= await startTablestore();
    return pythonClient(python, running.endpoint);
  });

  test('a client with a wrong secret gets an error', { timeout: 60_000 }, async () => {
    running ??= await startTablestore();
    const client = pythonClient(python, running.endpoint, 'wrong');
    const outcomes = await client.run([{ name: 'list', calls: [{ op: 'listTable' }] }]);
    assert.deepEqual(outcomes, [
      [{ error: { status: 403, code: 'OTSAuthFailed', message: 'Signature mismatch.' } }],
    ]);
  });
}
