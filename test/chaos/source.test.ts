import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceStorm } from '../support/source-storm.ts';

const seed = Number(process.env.SOURCE_STORM_SEED ?? Date.now() % 1_000_000);

test(`with kills and freezes, no change is lost, the changes of a row keep their order, and ids identify events (seed ${seed})`, {
  timeout: 300_000,
}, async (t) => {
  const report = await sourceStorm({ seconds: 8, sources: 2, seed });
  const { ledger, frozen, duplicates } = report;
  t.diagnostic(
    `${report.faults.join(', ')}; ${report.acknowledged} changes, ${ledger.duplicates} duplicates`,
  );
  assert.deepEqual(report.lost, []);
  assert.ok(ledger.duplicates > 0, 'there were no duplicates, so the test proves nothing');
  assert.deepEqual(ledger.outOfOrder, []);
  assert.deepEqual(ledger.differingRepeats, []);
  assert.ok(report.acknowledged > 800, `${report.acknowledged} writes were acknowledged`);
  assert.ok(
    frozen.some(({ before }) => before > 0),
    'no source was frozen after a checkpoint',
  );
  for (const { source, tried, accepted } of frozen) {
    assert.equal(accepted, 0, `the service accepted a checkpoint of ${source} after the client’s timeout`);
    // A source can be frozen between its check of the timeout and the request, so one late request is possible.
    assert.ok(tried <= 1, `${source} tried to store ${tried} checkpoints after the client’s timeout`);
  }
  for (const bound of duplicates) assert.ok(bound.duplicates <= bound.allowed, JSON.stringify(bound));
});
