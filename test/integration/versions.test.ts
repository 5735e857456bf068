import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { post, putObjectEvent } from '../support/events.ts';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem();
});
after(() => system.stop());

const files = (version: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    name: `${version}/${at}.bin`,
    content: randomBytes(9_000),
    method: 0,
  }));

/** Puts an archive, and waits until its first objects exist. */
async function startUnpacking(name: string, archive: Buffer): Promise<void> {
  await system.put(`zip/${name}.zip`, archive);
  await until(`the run of ${name} has started`, async () => (await system.keys(`unzip/${name}/`)).length > 0);
}

/** Waits until no run of an object is open. Returns the outcomes of all runs, sorted. */
async function outcomes(name: string, count: number): Promise<string[]> {
  const query = `WorkflowType = 'unzipObject' AND WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/${name}.zip:'`;
  return await until(`${count} runs of ${name} have ended`, async () => {
    const ended: string[] = [];
    for await (const run of system.client.workflow.list({ query })) {
      if (run.status.name !== 'COMPLETED') return undefined;
      const result = await system.client.workflow.getHandle(run.workflowId).result();
      ended.push((result as { outcome: string }).outcome);
    }
    return ended.length === count && ended.sort();
  });
}

test('a newer version that is uploaded during a run wins completely: the older run is stopped, and none of its files remain', async () => {
  await startUnpacking('race', zipOf(files('old', 4_000)));
  const newer = zipOf([
    { name: 'new/a.txt', content: 'a' },
    { name: 'old/1.bin', content: 'new' },
  ]);
  await system.put('zip/race.zip', newer);
  assert.deepEqual(await outcomes('race', 2), ['completed', 'superseded']);
  const manifest = await system.manifest('race');
  assert.equal(manifest.files, 2);
  assert.deepEqual(await system.keys('unzip/race/'), ['unzip/race/new/a.txt', 'unzip/race/old/1.bin']);
  assert.equal(String(await system.get('unzip/race/old/1.bin')), 'new');
  assert.deepEqual(await system.keys('unzip/.sluice/.sluice/'), []);
});

test('two events about the same version have two runs of unzipObject, but one run of unzipArchive', async () => {
  await startUnpacking('join', zipOf(files('one', 4_000)));
  const { etag } = (await system.store.head({ bucket: BUCKET, key: 'zip/join.zip' })) ?? { etag: '' };
  await post(
    system.gateway,
    putObjectEvent('zip/join.zip', { id: 'second', eTag: `"${etag.toLowerCase()}"` }),
  );
  assert.deepEqual(await outcomes('join', 2), ['completed', 'completed']);
  const { count } = await system.client.workflow.count(`WorkflowId = 'unzip-into:${BUCKET}/unzip/join'`);
  assert.equal(count, 1);
});

test('the run of an archive that was deleted before its event arrived ends as superseded', async () => {
  await system.gatewayProcess.stop();
  await system.put('zip/gone.zip', zipOf(files('x', 3)));
  await system.store.remove(BUCKET, ['zip/gone.zip']);
  await system.gatewayProcess.start();
  assert.deepEqual(await outcomes('gone', 1), ['superseded']);
  assert.deepEqual(await system.keys('unzip/gone/'), []);
});

test('cancelling a run stops its work, writes no manifest, and ends as cancelled', async () => {
  await startUnpacking('stop', zipOf(files('s', 4_000)));
  const query = `WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/stop.zip:'`;
  const [run] = await until('the run is listed', async () => {
    const runs = [];
    for await (const found of system.client.workflow.list({ query })) runs.push(found);
    return runs.length > 0 && runs;
  });
  const handle = system.client.workflow.getHandle(run?.workflowId ?? '');
  await handle.cancel();
  await until('the run is cancelled', async () => (await handle.describe()).status.name === 'CANCELLED');
  assert.equal(await system.get('unzip/.sluice/stop.json'), undefined);
  const before = (await system.keys('unzip/stop/')).length;
  await until('the child workflow is cancelled too', async () => {
    const child = await system.client.workflow.getHandle(`unzip-into:${BUCKET}/unzip/stop`).describe();
    return child.status.name === 'CANCELLED';
  });
  assert.equal((await system.keys('unzip/stop/')).length, before, 'nothing is written after the end');
});
