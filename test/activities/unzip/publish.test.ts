import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPartLimits } from '../../../domain/unzip/limits.ts';
import { BUCKET, plannedParts } from './part-fixture.ts';

test('publish lists the objects of all parts, and asks only for the run objects of these parts', async (t) => {
  const entries = [
    { name: 'a', content: 'first' },
    { name: 'b', content: 'second' },
  ];
  const partLimits = { ...defaultPartLimits, entries: 1 };
  const { run, shared, scratch, store, archive, runId, tasks } = await plannedParts(t, entries, {
    partLimits,
  });
  for (const task of tasks) {
    await run(shared.download, task);
    await run(scratch.extract, task);
    await run(scratch.upload, task);
  }
  store.calls.length = 0;
  const expected = { files: 2, bytes: 11 };
  const last = { archive, runId, event: null, parts: 2, expected, skipped: false };
  assert.deepEqual(await run(shared.publish, last), expected);
  const { objects } = JSON.parse(String(store.content(BUCKET, 'unzip/.sluice/x.json')));
  assert.deepEqual(
    objects.map(({ key }: { key: string }) => key),
    ['unzip/x/a', 'unzip/x/b'],
  );
  const read = store.calls.flatMap(({ method, key }) => (method === 'get' ? [key.split('/').at(-1)] : []));
  assert.deepEqual(read, ['part-000000.ndjson', 'part-000001.ndjson', 'earlier.ndjson']);
});
