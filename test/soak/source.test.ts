import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceScaling } from '../support/source-scaling.ts';
import { sourceStorm } from '../support/source-storm.ts';

const seed = Number(process.env.SOURCE_STORM_SEED ?? Date.now() % 1_000_000);

test(`two minutes of kills and freezes: no change is lost, the changes of a row keep their order, and ids identify events (seed ${seed})`, {
  timeout: 240_000,
}, async (t) => {
  const report = await sourceStorm({ seconds: 120, sources: 3, seed });
  const { ledger, frozen, duplicates, faults } = report;
  const changes = `${report.acknowledged} changes, ${report.failed} writes not acknowledged`;
  t.diagnostic(`${faults.length} faults; ${changes}; ${ledger.duplicates} duplicates`);
  t.diagnostic(JSON.stringify(duplicates));
  assert.deepEqual(report.lost, []);
  assert.deepEqual(ledger.outOfOrder, []);
  assert.deepEqual(ledger.differingRepeats, []);
  assert.ok(
    frozen.some(({ before }) => before > 0),
    'no source was frozen after a checkpoint',
  );
  assert.deepEqual(
    frozen.filter(({ tried, accepted }) => tried > 0 || accepted > 0),
    [],
  );
  for (const bound of duplicates) assert.ok(bound.duplicates <= bound.allowed, JSON.stringify(bound));
});

test('scaling from one source to three and back, five times, loses no change and keeps the order of the changes of each row', {
  timeout: 300_000,
}, async (t) => {
  const { acknowledged, lost, ledger, duplicates } = await sourceScaling({ rounds: 5, seed });
  t.diagnostic(`${acknowledged} changes, ${ledger.duplicates} duplicates; ${JSON.stringify(duplicates)}`);
  assert.deepEqual(lost, []);
  assert.deepEqual(ledger.outOfOrder, []);
  assert.deepEqual(ledger.differingRepeats, []);
  for (const bound of duplicates) assert.ok(bound.duplicates <= bound.allowed, JSON.stringify(bound));
});
