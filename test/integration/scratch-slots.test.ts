import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem({ workerEnv: { SLUICE_PARTS: '1' } });
});
after(() => system.stop());

test('a worker with one slot on its scratch disk unpacks any number of parts, including big files', async () => {
  const zeros = Buffer.alloc(130 * 1024 * 1024);
  const small = Array.from({ length: 4_100 }, (_, at) => ({ name: `s/${at}`, content: `${at}` }));
  await system.put(
    'zip/slots.zip',
    zipOf([{ name: 'one', content: zeros }, ...small, { name: 'two', content: zeros }]),
  );
  const manifest = await system.manifest('slots');
  assert.equal(manifest.files, small.length + 2);
  assert.equal(
    manifest.bytes,
    2 * zeros.length + small.reduce((sum, { content }) => sum + content.length, 0),
  );
});

test('an archive with several damaged parts fails and releases its slots', async () => {
  const files = Array.from({ length: 6_100 }, (_, at) => ({
    name: `s/${at}`,
    content: `content of ${at}`,
    method: 0,
    ...(at % 2_000 === 7 ? { declared: { crc32: 1 } } : {}),
  }));
  await system.put('zip/damaged.zip', zipOf(files));
  const query = "WorkflowId STARTS_WITH 'unzip:eb-ask/zip/damaged.zip:' AND ExecutionStatus = 'Failed'";
  await until('the run has failed', async () => (await system.client.workflow.count(query)).count === 1);
  await system.put('zip/after.zip', zipOf([{ name: 'a', content: 'a' }]));
  assert.equal((await system.manifest('after')).files, 1);
});
