import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem({ workerEnv: { OSS_ACCESSKEYSECRET: 'not-the-secret' } });
});
after(() => system.stop());

test('with wrong credentials, the run fails at once with a message that does not contain the secret', async () => {
  await system.put('zip/denied.zip', zipOf([{ name: 'a', content: 'a' }]));
  const run = await until('the run has ended', async () => {
    for await (const found of system.client.workflow.list({ query: "WorkflowType = 'unzipObject'" })) {
      if (found.status.name !== 'RUNNING') return found;
    }
    return undefined;
  });
  assert.equal(run.status.name, 'FAILED');
  const failure = await system.client.workflow
    .getHandle(run.workflowId)
    .result()
    .catch((error: unknown) => error);
  const { type, message } = (failure as { cause: { type: string; message: string } }).cause;
  assert.equal(type, 'AccessDenied');
  assert.match(message, /^looking at oss:\/\/eb-ask\/zip\/denied\.zip: SignatureDoesNotMatch: /);
  assert.doesNotMatch(message, /not-the-secret/);
});
