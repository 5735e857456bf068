import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import { checkAndNoteManifests } from '../../../activities/unzip/other-manifests.ts';
import { KeySet } from '../../../domain/unzip/key-set.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';

const archive = {
  ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
  ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
};

/** Checks an archive that writes `own`. The manifest of zip/p/q.zip lists `listed`, and all of these objects exist. */
async function check(own: readonly string[], listed: readonly string[]): Promise<boolean> {
  const store = new MemoryObjectStore();
  const manifest = { source: { key: 'zip/p/q.zip' }, objects: listed.map((key) => ({ key })) };
  store.set(BUCKET, 'unzip/.sluice/p/q.json', Buffer.from(JSON.stringify(manifest)));
  for (const key of listed) store.set(BUCKET, key, Buffer.from(key));
  const files = { archive, runId: 'own', folders: ['q'], keys: () => own };
  return await checkAndNoteManifests({ store, lists: new ListMemory() }, files, new AbortController().signal);
}

// Half of a surrogate pair has no UTF-8 form, so it is hashed as U+FFFD.
const [written, sameHash] = ['unzip/p/q/\ufffd', 'unzip/p/q/\ud800'];

test('two keys with the same hash', () => {
  const keys = new KeySet();
  keys.add(written);
  assert.equal(keys.has(sameHash), true);
});

test('an archive is not rejected because a key has the same hash as an object of another archive', async () => {
  assert.equal(await check([written], [sameHash]), true);
});

test('an archive is rejected if it writes an object of another archive, also beside keys with the same hash', async () => {
  for (const listed of [[written], [sameHash, written], ['unzip/p/q/a', 'unzip/p/q/b']])
    await assert.rejects(check([written, 'unzip/p/q/b'], listed), { type: 'DestinationTaken' });
  assert.equal(await check([written], ['unzip/p/q/a']), true);
});
