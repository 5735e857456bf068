import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceScaling } from '../support/source-scaling.ts';

test('one source, then three, then one share the channels, and only last batches come again', {
  timeout: 120_000,
}, async (t) => {
  const { acknowledged, lost, ledger, duplicates, senders } = await sourceScaling({ rounds: 1, seed: 4 });
  t.diagnostic(`${acknowledged} changes, ${ledger.duplicates} came again; ${JSON.stringify(duplicates)}`);
  assert.deepEqual(lost, []);
  assert.deepEqual(ledger.disorder, []);
  assert.deepEqual(ledger.unequal, []);
  assert.deepEqual(senders, ['first', 'second-0', 'third-0']);
  assert.ok(duplicates.reduce((sum, { moves }) => sum + moves, 0) >= 4, JSON.stringify(duplicates));
  for (const bound of duplicates) assert.ok(bound.duplicates <= bound.allowed, JSON.stringify(bound));
});
