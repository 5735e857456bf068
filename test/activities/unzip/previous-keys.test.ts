import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import {
  previousKeys,
  type StoredPreviousKeys,
  storePreviousKeys,
} from '../../../activities/unzip/previous-keys.ts';
import { ndjson, PREVIOUS_LIST_BYTES } from '../../../domain/unzip/run-object-keys.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';
const never = new AbortController().signal;
const archive = {
  ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
  ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
};
const ofRun = { archive, runId: 'own' };

const storeKeys = (store: MemoryObjectStore): Promise<StoredPreviousKeys> =>
  storePreviousKeys({ store, lists: new ListMemory() }, { ...ofRun, closedRunClaims: [] }, never);

async function storedKeys(store: MemoryObjectStore): Promise<string[]> {
  const stored: string[] = [];
  for await (const keys of previousKeys(store, ofRun, never)) for (const key of keys) stored.push(key);
  return stored;
}

test('the keys of all run objects and of the manifest are stored once', async () => {
  const store = new MemoryObjectStore();
  const manifest = { source: { key: archive.key }, objects: [{ key: 'c' }, { key: 'd' }] };
  store.set(BUCKET, archive.manifest, Buffer.from(JSON.stringify(manifest)));
  store.set(BUCKET, `${archive.runs}1/part-000000.ndjson`, ndjson([{ key: 'a' }, { key: 'b' }]));
  store.set(BUCKET, `${archive.runs}2/earlier.ndjson`, ndjson(['b', 'c']));
  const lists = [`${archive.runs}1/part-000000.ndjson`, `${archive.runs}2/earlier.ndjson`];
  assert.deepEqual(await storeKeys(store), { any: true, otherRunObjects: lists });
  assert.deepEqual(await storedKeys(store), ['a', 'b', 'c', 'd']);
});

test('if there are no keys, nothing is stored, and one request finds that out', async () => {
  const store = new MemoryObjectStore();
  assert.deepEqual(await storeKeys(store), { any: false, otherRunObjects: [] });
  assert.deepEqual(store.keys(BUCKET), []);
  store.calls.length = 0;
  assert.deepEqual(await storedKeys(store), []);
  assert.equal(store.calls.length, 1);
});

test('many keys are stored in several objects, and an attempt that fails in between loses none', async () => {
  const store = new MemoryObjectStore();
  const keys = Array.from({ length: 80_000 }, (_, at) => `unzip/p/${at}/`.padEnd(1_000, 'x'));
  const earlier = `${archive.runs}1/part-000000.ndjson`;
  store.set(BUCKET, earlier, ndjson(keys));
  let others: string[] = [];
  store.before = ({ method, key }) => {
    if (method === 'put' && key.endsWith('/earlier.ndjson')) others = store.keys(BUCKET);
  };
  await storeKeys(store);
  assert.deepEqual(
    others.filter((key) => key.includes('/own/')).map((key) => key.split('/').at(-1)),
    ['earlier-000001.ndjson', 'earlier-000002.ndjson'],
    'the first list is stored last',
  );
  const own = store.keys(BUCKET).filter((key) => key.includes('/own/'));
  assert.deepEqual(
    own.map((key) => key.split('/').at(-1)),
    ['earlier-000001.ndjson', 'earlier-000002.ndjson', 'earlier.ndjson'],
  );
  for (const key of own)
    assert.ok((store.content(BUCKET, key)?.length ?? 0) < PREVIOUS_LIST_BYTES + 2_000, key);
  assert.deepEqual(await storedKeys(store), keys);

  await store.remove(BUCKET, [earlier]);
  store.set(BUCKET, `${archive.runs}0/part-000000.ndjson`, ndjson(['unzip/p/more']));
  store.before = ({ method, key }) => {
    if (method === 'put' && key.endsWith('earlier-000001.ndjson')) throw new Error('no network');
  };
  await assert.rejects(storeKeys(store), /no network/);
  store.before = () => {};
  assert.deepEqual(await storedKeys(store), keys);
  await storeKeys(store);
  assert.deepEqual(await storedKeys(store), [...keys, 'unzip/p/more']);
});
