import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, postUntilAdmitted, putObjectEvent } from '../support/events.ts';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem();
});
after(() => system.stop());

const zip = (...names: string[]): Buffer => zipOf(names.map((name) => ({ name, content: name })));

/** Puts an archive and waits until exactly this version is published. */
async function publish(name: string, archive: Buffer): Promise<void> {
  await system.put(`zip/${name}.zip`, archive);
  const { etag } = (await system.store.head({ bucket: 'eb-ask', key: `zip/${name}.zip` })) ?? { etag: '' };
  await until(`${name} is published`, async () => (await system.manifest(name)).source.etag === etag);
}

test('an archive keeps its objects and its manifest if its folder is named like a run object of another archive', async () => {
  await publish('a.run/x', zip('one', 'two'));
  await publish('a', zip('three'));
  assert.deepEqual(await system.keys('unzip/a.run/'), ['unzip/a.run/x/one', 'unzip/a.run/x/two']);
  assert.equal((await system.manifest('a.run/x')).files, 2);
});

test('if the destination of an inner archive is inside that of an outer archive, a new version of the outer archive deletes no object of the inner archive', async () => {
  await publish('nest', zip('keep', 'old'));
  await publish('nest/b', zip('x'));
  await publish('nest', zip('keep', 'new'));
  assert.deepEqual(await system.keys('unzip/nest/'), ['unzip/nest/b/x', 'unzip/nest/keep', 'unzip/nest/new']);
});

test('an archive whose key is the percent-encoded key of another archive is unpacked as an archive of its own', async () => {
  await publish('è', zip('one'));
  await publish('%C3%A8', zip('two'));
  assert.deepEqual(await system.keys('unzip/è/'), ['unzip/è/one']);
  assert.deepEqual(await system.keys('unzip/%C3%A8/'), ['unzip/%C3%A8/two']);
});

test('sixty events about one archive all complete, and do not delay another archive', async () => {
  const files = Array.from({ length: 400 }, (_, at) => ({ name: `${at}`, content: `${at}` }));
  await system.put('zip/popular.zip', zipOf(files));
  await until('the run has started', async () => (await system.keys('unzip/popular/')).length > 0);
  const events = Array.from({ length: 60 }, (_, at) =>
    putObjectEvent('zip/popular.zip', { id: `again-${at}` }),
  );
  await Promise.all(events.map((event) => postUntilAdmitted(system.gateway, event)));
  await publish('other', zip('x'));
  const query = "WorkflowId STARTS_WITH 'unzip:eb-ask/zip/popular.zip:'";
  await until('all have completed', async () => {
    const { count } = await system.client.workflow.count(`${query} AND ExecutionStatus = 'Completed'`);
    return count === 61;
  });
});

/** Returns the failure of a run: its type and message. */
async function failureOf(workflowId: string): Promise<{ type: string; message: string }> {
  const failure = await system.client.workflow
    .getHandle(workflowId)
    .result()
    .catch((error: unknown) => error);
  return (failure as { cause: { type: string; message: string } }).cause;
}

/** Waits for the end of an event's run. Returns its workflow id. */
async function endedRunOf(eventId: string): Promise<string> {
  return await until(`the run of ${eventId} has ended`, async () => {
    for await (const found of system.client.workflow.list({ query: `EventId = '${eventId}'` })) {
      if (found.status.name !== 'RUNNING') return found.workflowId;
    }
    return undefined;
  });
}

test('if an event has values of wrong types, its run fails at once with the reason', async () => {
  const event = putObjectEvent('zip/odd.zip', { id: 'odd-types' });
  Object.assign(event.data.oss.bucket, { name: 7 });
  await post(system.gateway, event);
  const { message } = await failureOf(await endedRunOf('odd-types'));
  assert.equal(message, 'bucket must be a bucket name, but is 7');
});

test('if the bucket does not exist, the run fails with NoSuchBucket', async () => {
  await post(system.gateway, putObjectEvent('zip/x.zip', { id: 'no-bucket', bucket: 'not-there-at-all' }));
  assert.equal((await failureOf(await endedRunOf('no-bucket'))).type, 'NoSuchBucket');
});

test('if an archive is damaged, the runs of all its events fail with the same type and message', async () => {
  await system.put('zip/hurt.zip', zipOf([{ name: 'h', content: 'x', declared: { crc32: 1 } }]));
  const events = Array.from({ length: 4 }, (_, at) => putObjectEvent('zip/hurt.zip', { id: `hurt-${at}` }));
  await Promise.all(events.map((event) => postUntilAdmitted(system.gateway, event)));
  const query = "WorkflowId STARTS_WITH 'unzip:eb-ask/zip/hurt.zip:'";
  await until('all five have ended', async () => {
    const { count } = await system.client.workflow.count(`${query} AND ExecutionStatus = 'Failed'`);
    return count === 5;
  });
  for await (const { workflowId } of system.client.workflow.list({ query })) {
    const { type, message } = await failureOf(workflowId);
    assert.equal(type, 'CorruptEntry');
    assert.match(message, /entry "h" has the CRC-32/);
  }
});
