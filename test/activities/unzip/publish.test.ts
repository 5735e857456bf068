import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { defaultPartLimits } from '../../../domain/unzip/limits.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { zipOf } from '../../support/zip-writer.ts';
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

test('a manifest of few objects with very long names refers to lists, which stay until the next version', async () => {
  const store = new MemoryObjectStore();
  const { unzipInParts } = unzipActivities(store, tmpdir());
  const dots = './'.repeat(30_000);
  const zipWith = (prefix: string, count: number): Buffer =>
    zipOf(Array.from({ length: count }, (_, at) => ({ name: `${prefix}${at}` })));
  store.set(BUCKET, 'zip/x.zip', zipWith(dots, 150));
  await unzipInParts(BUCKET, 'zip/x.zip');
  const manifest = store.content(BUCKET, 'unzip/.sluice/x.json');
  assert.ok(manifest && manifest.length < 10_000, String(manifest?.length));
  const { objects, parts, files } = JSON.parse(String(manifest));
  assert.deepEqual([objects, files, parts.length], [undefined, 150, 1]);
  const runObjects = (): string[] =>
    store.keys(BUCKET).filter((key) => key.startsWith('unzip/.sluice/.sluice/'));
  assert.deepEqual(runObjects(), parts);
  const [line = ''] = String(store.content(BUCKET, parts[0])).split('\n');
  assert.equal(JSON.parse(line).name, `${dots}0`);

  store.set(BUCKET, 'zip/x.zip', zipWith('', 2));
  await unzipInParts(BUCKET, 'zip/x.zip');
  assert.deepEqual(runObjects(), []);
  assert.deepEqual(
    store.keys(BUCKET).filter((key) => key.startsWith('unzip/x/')),
    ['unzip/x/0', 'unzip/x/1'],
  );
});
