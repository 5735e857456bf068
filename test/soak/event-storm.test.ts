import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventStorm } from '../support/event-storm.ts';

test('5,000 events with duplicates and retries under faults: every acknowledged event has exactly one run', {
  timeout: 900_000,
}, async (t) => {
  const { accepted, runs, faults, answers } = await eventStorm({ events: 5_000, seed: 2026 });
  t.diagnostic(`${faults.length} faults; answers ${JSON.stringify(answers)}`);
  assert.equal(accepted.size, 5_000);
  assert.deepEqual([...runs].sort(), [...accepted].sort());
});
