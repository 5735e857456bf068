import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifest } from '../../../activities/unzip/listed-keys.ts';
import { obsoleteKeysOf } from '../../../activities/unzip/other-manifests.ts';
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
  const manifest = await readManifest(store, { bucket: BUCKET, key: 'm.json' }, never);
  assert.equal(manifest?.sourceKey, 'zip/p.zip');
  assert.deepEqual(manifest.objects, keys);
});

/** The store has a manifest of the archive zip/p/q.zip, whose destination is inside that of zip/p.zip. */
async function obsoleteKeys(previousKeys: readonly string[]) {
  const store = new MemoryObjectStore();
  store.set(BUCKET, 'unzip/.sluice/p/q.json', manifestOf('zip/p/q.zip', ['unzip/p/q/x']));
  const archive = {
    ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
    ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
  };
  return { obsolete: await obsoleteKeysOf(store, archive, new Set(previousKeys), never), calls: store.calls };
}

test('previous keys are obsolete if they are in the destination and no other manifest lists them', async () => {
  const { obsolete } = await obsoleteKeys(['unzip/p/a', 'unzip/p/q/x', 'unzip/p/q/y', 'unzip/other/x']);
  assert.deepEqual(obsolete, ['unzip/p/a', 'unzip/p/q/y']);
});

test('without previous keys in the destination, no other manifest is searched', async () => {
  const { obsolete, calls } = await obsoleteKeys(['unzip/other/x']);
  assert.deepEqual([obsolete, calls], [[], []]);
});
