import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventQueue } from '../../gateway/event-endpoint.ts';

test('three requests may wait for each slot, and the next one is rejected at once', async () => {
  const queue = createEventQueue({ bodyBytes: 1_000, inFlight: 4 });
  for (let n = 0; n < 4; n++) assert.ok(queue.tryEnter(1));
  const leaving = new AbortController();
  const waiting = Array.from({ length: 12 }, () => assert.rejects(queue.wait(1, leaving.signal)));
  assert.equal(queue.pending, 16);
  await assert.rejects(queue.wait(1, leaving.signal), { name: 'Unavailable', type: 'Busy' });
  leaving.abort();
  await Promise.all(waiting);
});
