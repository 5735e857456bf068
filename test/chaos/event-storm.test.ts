import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventStorm } from '../support/event-storm.ts';

test('with faults of Temporal and the gateway, every acknowledged event has exactly one run', {
  timeout: 300_000,
}, async () => {
  const { accepted, runs, faults } = await eventStorm({ events: 250, seed: 7 });
  assert.equal(accepted.size, 250);
  assert.deepEqual([...runs].sort(), [...accepted].sort());
  assert.ok(faults.length >= 5, faults.join(', '));
});
