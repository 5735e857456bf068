import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { announceInLog } from '../../../activities/unzip/announce.ts';
import type { EmittedEvent } from '../../../ports/event-sink.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const { signal } = new AbortController();
const announced = {
  ...{ bucket: 'eb-ask', key: 'zip/预报.zip', workflowId: 'w', runId: 'r', hops: 3 },
  event: { source: 'acs.oss', id: 'e1' },
};
const completed = { outcome: 'completed', note: '', files: 2, bytes: 5 } as const;
const failed = { outcome: 'failed', error: 'UnsafeName', message: 'a bad name' } as const;

const withoutTime = (events: readonly EmittedEvent[]) => events.map(({ time: _, ...event }) => event);

const event = {
  ...{ id: 'w/r', source: '/sluice/unzip/eb-ask', subject: 'zip/预报.zip' },
  extensions: { sluicehops: '3', causationid: 'e1' },
};
const ends = [
  [completed, 'sluice.unzip.completed'],
  [failed, 'sluice.unzip.failed'],
] as const;
for (const [end, type] of ends) {
  test(`a run that ${end.outcome} emits ${type}`, async () => {
    const { run, shared, emitted } = unzipActivities(new MemoryObjectStore(), tmpdir());
    const before = Date.now();
    await run(shared.announce, { ...announced, end });
    const data = { bucket: 'eb-ask', key: 'zip/预报.zip', ...end, event: announced.event };
    assert.deepEqual(withoutTime(emitted), [{ ...event, type, data }]);
    const time = Date.parse(emitted[0]?.time ?? '');
    assert.ok(time >= before && time <= Date.now(), emitted[0]?.time);
  });
}

test('the event of a run that no event has started has no causation id', async () => {
  const { run, shared, emitted } = unzipActivities(new MemoryObjectStore(), tmpdir());
  await run(shared.announce, { ...announced, event: null, end: completed });
  assert.deepEqual(emitted[0]?.extensions, { sluicehops: '3' });
});

test('without a sink, the last step of the run emits the event into the log', async () => {
  const emitted: EmittedEvent[] = [];
  const events = { delivers: false, emit: async (one: EmittedEvent) => void emitted.push(one) };
  assert.deepEqual(await announceInLog({ events }, { ...announced, end: completed }, signal), {
    announced: true,
  });
  assert.equal(emitted.length, 1);
});

test('with a sink, the last step of the run emits no event, because the activity `announce` does', async () => {
  const emitted: EmittedEvent[] = [];
  const events = { delivers: true, emit: async (one: EmittedEvent) => void emitted.push(one) };
  assert.deepEqual(await announceInLog({ events }, { ...announced, end: completed }, signal), {});
  assert.deepEqual(emitted, []);
});
