import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { post, putObjectEvent } from '../support/events.ts';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem({ workers: 2 });
});
afterEach(() => setFaults([]));
after(() => system.stop());

async function setFaults(rules: readonly object[]): Promise<void> {
  const body = JSON.stringify({ rules });
  const answer = await fetch(`${system.ossEndpoint}/-/faults`, { method: 'PUT', body });
  assert.equal(answer.status, 200, await answer.text());
}

/** An archive of 80 files. Each write takes a while, eight at the same time, so that unpacking takes about 7 s. */
const files = (version: string) =>
  Array.from({ length: 80 }, (_, at) => ({ name: `f${at}`, content: `${version} ${at}`.repeat(500) }));

/** Puts an archive, and waits until its first objects exist. */
async function startUnpacking(name: string, version: string): Promise<void> {
  const slowWrites = { do: 'delay', ms: 700, operations: ['PutObject'], prefix: `unzip/${name}/` };
  await setFaults([slowWrites]);
  await system.put(`zip/${name}.zip`, zipOf(files(version)));
  await until(`the run of ${name} has started`, async () => (await system.keys(`unzip/${name}/`)).length > 0);
}

async function assertComplete(name: string, version: string): Promise<void> {
  assert.equal((await system.manifest(name)).files, 80);
  assert.equal((await system.keys(`unzip/${name}/`)).length, 80);
  for (const { name: file, content } of files(version))
    assert.equal(String(await system.get(`unzip/${name}/${file}`)), content, file);
}

/** Waits until no run of an archive is open. Returns the statuses of all its runs, sorted. */
async function statusesOf(name: string, count: number): Promise<string[]> {
  const query = `WorkflowType = 'unzipObject' AND WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/${name}.zip:'`;
  return await until(`${count} runs of ${name} have ended`, async () => {
    const statuses: string[] = [];
    for await (const { status } of system.client.workflow.list({ query })) statuses.push(status.name);
    return statuses.length === count && !statuses.includes('RUNNING') && statuses.sort();
  });
}

/** Returns a handle to the run of an archive. */
async function runOf(name: string) {
  const query = `WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/${name}.zip:'`;
  const { workflowId } = await until('the run is listed', async () => {
    for await (const found of system.client.workflow.list({ query })) return found;
    return undefined;
  });
  return system.client.workflow.getHandle(workflowId);
}

/** Returns the index of the worker that unpacks the archive. */
async function busyWorker(name: string): Promise<number> {
  const run = await runOf(name);
  const identity = await until('the activity runs', async () => {
    const { raw } = await run.describe();
    return raw.pendingActivities?.[0]?.lastWorkerIdentity ?? undefined;
  });
  const busy = system.workers.findIndex(({ pid }) => identity.startsWith(`${pid}@`));
  assert.ok(busy >= 0, identity);
  return busy;
}

test('after kill -9 of the worker that unpacks a small archive, another worker unpacks it completely', async () => {
  await startUnpacking('killed', 'v1');
  const busy = await busyWorker('killed');
  await system.workers[busy]?.kill('SIGKILL');
  await setFaults([]);
  await assertComplete('killed', 'v1');
  await system.workers[busy]?.start();
});

test('a worker that continues after it was frozen does not damage a small archive that has a newer version now', async () => {
  await startUnpacking('frozen', 'v1');
  const busy = await busyWorker('frozen');
  await system.workers[busy]?.kill('SIGSTOP');
  await setFaults([]);
  await assertComplete('frozen', 'v1');
  await system.put('zip/frozen.zip', zipOf(files('v2')));
  const newVersion = async (): Promise<boolean> =>
    String(await system.get('unzip/frozen/f79')).startsWith('v2 ');
  // Temporal may first send tasks to the frozen worker, and each of them has to time out.
  await until('the new version is unpacked', newVersion);
  assert.deepEqual(await statusesOf('frozen', 2), ['COMPLETED', 'COMPLETED']);
  await system.workers[1 - busy]?.stop();
  await system.workers[busy]?.kill('SIGCONT');
  // The worker unpacks another archive only after it has noticed the pause.
  await system.put('zip/thawed.zip', zipOf(files('v1')));
  await assertComplete('thawed', 'v1');
  await assertComplete('frozen', 'v2');
});

test('a newer version that is put while a small archive is unpacked wins completely', async () => {
  await startUnpacking('raced', 'v1');
  await system.put('zip/raced.zip', zipOf(files('v2')));
  assert.deepEqual(await statusesOf('raced', 2), ['COMPLETED', 'COMPLETED']);
  await assertComplete('raced', 'v2');
  assert.deepEqual(await system.keys('unzip/.sluice/.sluice/'), []);
});

test('another event about a version of a small archive that is being unpacked joins the run of the first event', async () => {
  await startUnpacking('joined', 'v1');
  const { etag } = (await system.store.head({ bucket: BUCKET, key: 'zip/joined.zip' })) ?? { etag: '' };
  await post(system.gateway, putObjectEvent('zip/joined.zip', { id: 'second', eTag: etag }));
  assert.deepEqual(await statusesOf('joined', 2), ['COMPLETED', 'COMPLETED']);
  const query = `WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/joined.zip:'`;
  const notes: string[] = [];
  for await (const { workflowId } of system.client.workflow.list({ query })) {
    const { note } = (await system.client.workflow.getHandle(workflowId).result()) as { note: string };
    notes.push(note.replace(/:[0-9a-f]{16}$/, ''));
  }
  assert.deepEqual(notes.sort(), ['', `joined the open run of unzip:${BUCKET}/zip/joined.zip`]);
});

test('cancelling the run of a small archive stops its writes, and leaves no manifest; the next version replaces its objects', async () => {
  await startUnpacking('stopped', 'v1');
  const run = await runOf('stopped');
  await run.cancel();
  await until('the run is cancelled', async () => (await run.describe()).status.name === 'CANCELLED');
  assert.equal(await system.get('unzip/.sluice/stopped.json'), undefined);
  const written = await system.keys('unzip/stopped/');
  assert.ok(written.length < 80);
  await setFaults([]);
  await system.put('zip/stopped.zip', zipOf([{ name: 'f0', content: 'next' }]));
  assert.equal((await system.manifest('stopped')).files, 1);
  await until(
    'the claims are deleted',
    async () => (await system.keys('unzip/.sluice/.sluice/')).length === 0,
  );
  assert.deepEqual(await system.keys('unzip/stopped/'), ['unzip/stopped/f0']);
});
