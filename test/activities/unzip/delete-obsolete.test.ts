import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteObsolete } from '../../../activities/unzip/delete-obsolete.ts';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import { type Claim, claimKey } from '../../../domain/unzip/claim.ts';
import { KeySet } from '../../../domain/unzip/key-set.ts';
import { ndjson } from '../../../domain/unzip/run-object-keys.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';
const runId = 'own';
const archive = {
  ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
  ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
};
const other = { workflowId: 'unzip:zip/p/r.zip', runId: 'other', workflow: 'unzipObject' as const };

/**
 * Deletes what earlier runs have written. zip/p/q.zip, whose destination is in that of zip/p.zip, has a manifest. A run
 * of zip/p/r.zip is open.
 */
async function deleteKeys(
  previousKeys: readonly string[],
  { newKeys = [''], hasClaim = true, addedLater = [] as string[] } = {},
) {
  const store = new MemoryObjectStore();
  const manifest = { source: { key: 'zip/p/q.zip' }, objects: [{ key: 'unzip/p/q/x' }] };
  store.set(BUCKET, 'unzip/.sluice/p/q.json', Buffer.from(JSON.stringify(manifest)));
  const claim: Claim = { ...other, key: 'zip/p/r.zip', etag: 'E', folders: [] };
  store.set(BUCKET, claimKey('p/r', 'other'), Buffer.from(JSON.stringify(claim)));
  store.set(BUCKET, `${archive.runs}${runId}/earlier.ndjson`, ndjson(previousKeys));
  const keys = new KeySet();
  for (const key of newKeys) keys.add(key);
  const get = store.get.bind(store);
  store.get = (...args: Parameters<typeof get>) => {
    // The claim is read between the two passes over the list.
    if (addedLater.length > 0 && args[0].key === claimKey('p', runId))
      store.set(BUCKET, `${archive.runs}${runId}/earlier.ndjson`, ndjson([...previousKeys, ...addedLater]));
    return get(...args);
  };
  const runs = {
    ...{ find: async () => undefined, outcome: async () => undefined },
    cancel: () => assert.fail('no run is cancelled'),
  };
  const run = hasClaim ? { workflowId: 'unzip', runId, workflow: 'unzipArchive' as const } : undefined;
  const deletion = { archive, runId, run, newKeys: keys };
  await deleteObsolete({ store, runs, lists: new ListMemory() }, deletion, new AbortController().signal);
  const ownClaim = store.content(BUCKET, claimKey('p', runId));
  return {
    deleted: store.calls.flatMap(({ method, key }) => (method === 'remove' ? [key] : [])),
    calls: store.calls.map(({ method, key }) => `${method} ${key.split('/').at(-1)}`),
    claimed: ownClaim && (JSON.parse(String(ownClaim)) as Claim).folders,
  };
}

test('previous keys are deleted if they are old, in the destination, and no other archive has them', async () => {
  const previous = ['unzip/p/a', 'unzip/p/q/x', 'unzip/p/q/y', 'unzip/p/r/z', 'unzip/p/new', 'unzip/o/x'];
  const { deleted, claimed } = await deleteKeys(previous, { newKeys: ['unzip/p/new'] });
  assert.deepEqual(deleted, ['unzip/p/a', 'unzip/p/q/y']);
  assert.deepEqual(claimed, ['q', 'r']);
});

test('a run that an earlier version of Sluice started deletes without a claim', async () => {
  const { deleted, claimed } = await deleteKeys(['unzip/p/a', 'unzip/p/q/x'], { hasClaim: false });
  assert.deepEqual([deleted, claimed], [['unzip/p/a'], undefined]);
});

test('without old keys in the destination, nothing but the list of previous keys is read', async () => {
  for (const previous of [[], ['unzip/o/x'], ['unzip/p/new']]) {
    const { calls } = await deleteKeys(previous, { newKeys: ['unzip/p/new'] });
    assert.deepEqual(calls, ['get earlier.ndjson']);
  }
});

test('many keys are deleted, and each other manifest is read once', async () => {
  const previous = Array.from({ length: 25_000 }, (_, at) => `unzip/p/${at % 3_000}/${at}`);
  const { deleted, calls, claimed } = await deleteKeys(previous);
  assert.deepEqual(deleted, previous);
  assert.equal(claimed, null);
  assert.equal(calls.filter((call) => call === 'get q.json').length, 1);
});

test('a key that is added to the list after the claim is not deleted', async () => {
  const { deleted } = await deleteKeys(['unzip/p/a/x'], { addedLater: ['unzip/p/b/y'] });
  assert.deepEqual(deleted, ['unzip/p/a/x']);
});
