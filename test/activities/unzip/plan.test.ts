import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { startActivities } from '../../support/activities.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

let activities: Awaited<ReturnType<typeof startActivities>>;
before(async () => {
  activities = await startActivities();
});
after(() => activities.stop());

async function planOf(name: string, archive: Buffer) {
  const key = `zip/${name}.zip`;
  await activities.deps.store.put({ bucket: 'eb-ask', key }, archive);
  const seen = await activities.run(activities.shared.inspect, { bucket: 'eb-ask', key });
  if (seen.outcome !== 'archive') throw new Error(seen.note);
  return await activities.run(activities.shared.plan, { archive: seen.archive, runId: randomUUID() });
}

const many = (count: number, last: ZipEntry[] = []): ZipEntry[] => [
  ...Array.from(
    { length: count },
    (_, at): ZipEntry => ({ name: `folder/with/a/long/name/file-${at}.txt`, method: 0 }),
  ),
  ...last,
];

for (const count of [65_536, 133_000]) {
  test(`finds all ${count} entries of an archive whose count is written modulo 65,536`, async () => {
    const plan = await planOf(`many-${count}`, zipOf(many(count)));
    assert.equal(plan.files, count);
    assert.equal(
      plan.parts.reduce((sum, { files }) => sum + files, 0),
      count,
    );
  });
}

test('rejects a large central directory, which another process reads, with the same type and message as a small directory', async () => {
  const slip: ZipEntry = { name: '../x', content: 'x' };
  const large = planOf('large-slip', zipOf(many(70_000, [slip])));
  await assert.rejects(large, (error) => {
    assert.ok(error instanceof ApplicationFailure && error.nonRetryable);
    assert.equal(error.type, 'UnsafeName');
    assert.equal(
      error.message,
      'archive oss://eb-ask/zip/large-slip.zip: entry "../x" would leave unzip/large-slip/',
    );
    return true;
  });
});

test('sorts the central directory by data offset, and puts every file into exactly one part', async () => {
  const entries = many(5_000);
  const plan = await planOf(
    'reversed',
    zipOf(entries, { order: (count) => [...Array(count).keys()].reverse() }),
  );
  assert.equal(plan.files, 5_000);
  assert.equal(plan.parts.length, 3);
  assert.match(plan.directory.key, /^unzip\/\.sluice\/\.sluice\//);
});
