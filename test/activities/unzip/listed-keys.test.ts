import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import {
  keyBatchesInRunObject,
  keysInArray,
  listedKeys,
  openManifest,
} from '../../../activities/unzip/listed-keys.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';
const never = new AbortController().signal;

/** A manifest of this archive with these objects. */
const manifestOf = (key: string, objects: readonly string[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      source: { bucket: BUCKET, key, etag: 'E' },
      objects: objects.map((each) => ({ key: each })),
    }),
  );

test('the largest manifest that lists its objects is read', async () => {
  const keys = Array.from({ length: 10_000 }, (_, at) => `unzip/p/${at}`.padEnd(1_023, 'x'));
  const store = new MemoryObjectStore();
  store.set(BUCKET, 'm.json', manifestOf('zip/p.zip', keys));
  const deps = { store, lists: new ListMemory() };
  const manifest = await openManifest(deps, { bucket: BUCKET, key: 'm.json' }, never);
  assert.equal(manifest?.sourceKey, 'zip/p.zip');
  assert.deepEqual([...keysInArray(manifest.objects)], keys);
});

/** Counts how often other work of the process runs while `batches` are read. */
async function readBatches(batches: AsyncIterable<readonly string[]>) {
  let turns = 0;
  const count = (): void => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const keys: string[] = [];
  let largest = 0;
  for await (const batch of batches) {
    largest = Math.max(largest, batch.length);
    for (const key of batch) keys.push(key);
  }
  clearImmediate(next);
  return { keys, largest, turns };
}

const manyKeys = Array.from({ length: 50_000 }, (_, at) => `unzip/p/中文/${at}`);

test('the keys of a run object are read in batches, and other work runs between them', async () => {
  const store = new MemoryObjectStore();
  const lines = manyKeys.map((key, at) => JSON.stringify(at % 2 === 0 ? key : { key, size: 1 }));
  store.set(BUCKET, 'part', Buffer.from(`${lines.join('\n')}\n\n{"name":"skipped"}\n`));
  const { keys, largest, turns } = await readBatches(keyBatchesInRunObject(store, BUCKET, 'part', never));
  assert.deepEqual(keys, manyKeys);
  assert.equal(largest, 1_000);
  assert.ok(turns > 3, String(turns));
});

test('the keys of a manifest are read in batches, those in the manifest first', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, 'part', Buffer.from('"c"\n"d"'));
  const objects = Buffer.from(JSON.stringify(manyKeys.map((key) => ({ key }))));
  const list = { objects, parts: ['missing', 'part'] };
  const { keys, largest } = await readBatches(
    listedKeys({ store, lists: new ListMemory() }, BUCKET, list, never),
  );
  assert.deepEqual(keys, [...manyKeys, 'c', 'd']);
  assert.equal(largest, 1_000);
});

test('reading the keys of a run object stops when it is cancelled', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, 'part', Buffer.from(manyKeys.map((key) => JSON.stringify(key)).join('\n')));
  const cancelled = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of keyBatchesInRunObject(store, BUCKET, 'part', cancelled.signal))
      cancelled.abort(new Error('cancelled'));
  }, /cancelled/);
});
