import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { temporal } from '@temporalio/proto';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { waitForRunEnd } from '../support/wait-for-run-end.ts';
import { zipOf } from '../support/zip-writer.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

let system: System;
before(async () => {
  system = await startSystem();
});
after(() => system.stop());

/** True for a history event that a hosted Temporal bills as one action. */
const isAction = (event: HistoryEvent): boolean =>
  [
    event.workflowExecutionStartedEventAttributes,
    event.activityTaskStartedEventAttributes,
    event.upsertWorkflowSearchAttributesEventAttributes,
    event.timerStartedEventAttributes,
    event.workflowExecutionSignaledEventAttributes,
  ].some((attributes) => attributes != null);

const isLocalActivity = ({ markerRecordedEventAttributes: marker }: HistoryEvent): boolean =>
  marker?.markerName === 'core_local_activity';

/**
 * Returns the history events of an archive's runs: of the run for the put, and of the run for the destination, if any.
 */
async function eventsOf(name: string): Promise<HistoryEvent[]> {
  const { workflowId } = await waitForRunEnd(system, `zip/${name}.zip`);
  const ids = [workflowId];
  const query = `WorkflowId = 'unzip-into:${BUCKET}/unzip/${name}'`;
  for await (const run of system.client.workflow.list({ query })) ids.push(run.workflowId);
  const histories = await Promise.all(ids.map((id) => system.client.workflow.getHandle(id).fetchHistory()));
  return histories.flatMap(({ events }) => events ?? []);
}

const types = (events: readonly HistoryEvent[]): string[] =>
  events.flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
    activity ? [activity.activityType?.name ?? ''] : [],
  );

test('an archive of five files takes one activity, at most 7 actions and at most 35 events', async () => {
  const files = Array.from({ length: 5 }, (_, at) => ({ name: `${at}.txt`, content: randomBytes(1_000) }));
  await system.put('zip/five.zip', zipOf(files));
  const events = await eventsOf('five');
  assert.deepEqual(types(events), ['unpackSmall']);
  assert.equal(events.filter(isLocalActivity).length, 1);
  // All local activities of one workflow task count as one action.
  const actions = events.filter(isAction).length + 1;
  assert.ok(actions <= 7, `${actions} actions`);
  assert.ok(events.length <= 35, `${events.length} events`);
  console.log(`# one small archive: ${actions} actions, ${events.length} history events`);
  assert.equal((await system.manifest('five')).files, 5);
});

test('the completion event of a small archive is logged by the step that unpacks it', async () => {
  await system.put('zip/logged.zip', zipOf([{ name: 'a', content: 'a' }]));
  const { workflowId } = await waitForRunEnd(system, 'zip/logged.zip');
  const lines = (await system.workers[0]?.logLines()) ?? [];
  const line = lines.find((each) => each.includes(workflowId) && each.includes('sluice.unzip.completed'));
  assert.ok(line, 'the log has the event');
  const { event } = JSON.parse(line);
  assert.equal(event.subject, 'zip/logged.zip');
  assert.equal(event.data.files, 1);
  const result = await system.client.workflow.getHandle(workflowId).result();
  assert.equal((result as { announced?: boolean }).announced, undefined);
});

test('an archive is unpacked in parts if its unpacked size exceeds the limit for small archives', async () => {
  await system.put(
    'zip/inflated.zip',
    zipOf([{ name: 'zeros', content: Buffer.alloc(64 * 1024 * 1024 + 1) }]),
  );
  const events = await eventsOf('inflated');
  assert.deepEqual(types(events).slice(0, 3), ['unpackSmall', 'plan', 'begin']);
  assert.equal((await system.manifest('inflated')).bytes, 64 * 1024 * 1024 + 1);
});

test('a damaged new version of a small archive leaves the objects and the manifest of the old version', async () => {
  await system.put('zip/kept.zip', zipOf([{ name: 'a', content: 'old' }]));
  const before = await system.manifest('kept');
  const damaged = zipOf([
    { name: 'a', content: 'new' },
    { name: 'b', content: 'new', declared: { crc32: 1 } },
  ]);
  await system.put('zip/kept.zip', damaged);
  const query = `WorkflowId STARTS_WITH 'unzip:${BUCKET}/zip/kept.zip:' AND ExecutionStatus = 'Failed'`;
  const failed = async (): Promise<boolean> => (await system.client.workflow.count(query)).count === 1;
  await until('the run of the new version has failed', failed);
  assert.deepEqual(await system.manifest('kept'), before);
  assert.equal(String(await system.get('unzip/kept/a')), 'old');
  assert.deepEqual(await system.keys('unzip/kept/'), ['unzip/kept/a']);
});
