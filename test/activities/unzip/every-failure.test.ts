import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import type { RunControl } from '../../../ports/run-control.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore, type StoreCall } from '../../support/memory-object-store.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

const BUCKET = 'eb-ask';
const KEY = 'zip/a.zip';
const MANIFEST = 'unzip/.sluice/a.json';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-every-failure-'));
});
after(() => rm(dir, { recursive: true, force: true }));

const large = Buffer.alloc(1_500_000, 'large ');
const oldVersion: readonly ZipEntry[] = [
  { name: 'kept.txt', content: 'old' },
  { name: 'only-in-old.txt', content: 'old' },
];
const newVersion: readonly ZipEntry[] = [
  { name: 'kept.txt', content: 'new' },
  { name: 'dir/added.txt', content: 'new' },
  { name: 'large.bin', content: large, method: 8 },
  { name: 'link', content: 'kept.txt', mode: 0o120777 },
];
const newFiles = ['unzip/a/dir/added.txt', 'unzip/a/kept.txt', 'unzip/a/large.bin'];

const ways = ['unzip', 'unzipInParts'] as const;

/** Runs that a test has abandoned count as ended. */
const runs: RunControl = {
  find: async () => undefined,
  outcome: async () => ({ status: 'failed', type: 'AccessDenied', message: '' }),
  cancel: () => assert.fail('no run is cancelled'),
};

/** The store after the old version was unpacked and the new version was uploaded. */
async function storeWithNewVersion(way: (typeof ways)[number]): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zipOf(oldVersion));
  await unzipActivities(store, dir)[way](BUCKET, KEY);
  // With this order, the activities store a sorted copy of the directory.
  store.set(BUCKET, KEY, zipOf(newVersion, { order: (count) => [...Array(count).keys()].reverse() }));
  store.calls.length = 0;
  return store;
}

/** A manifest means that all its objects exist, with exactly the content of the archive. */
function checkManifest(store: MemoryObjectStore, when: string): void {
  const manifest = store.content(BUCKET, MANIFEST);
  if (manifest === undefined) return;
  for (const { key, size, crc32: crc } of JSON.parse(String(manifest)).objects) {
    const body = store.content(BUCKET, key);
    assert.ok(body, `${when}: the manifest lists ${key}, which does not exist`);
    assert.equal(body.length, size, `${when}: ${key}`);
    assert.equal(crc32(body).toString(16).padStart(8, '0'), crc, `${when}: ${key}`);
  }
}

/** The new version is unpacked, and nothing else of Sluice is in the bucket or on the scratch disk. */
async function checkUnpacked(store: MemoryObjectStore, when: string): Promise<void> {
  checkManifest(store, when);
  assert.deepEqual(store.keys(BUCKET), [MANIFEST, ...newFiles, KEY].sort(), when);
  assert.equal(store.unfinishedUploads, 0, when);
  const scratch = await readdir(join(dir, 'scratch')).catch(() => []);
  assert.deepEqual(scratch, [], when);
}

const moments = ['before', 'after'] as const;

for (const way of ways) {
  for (const moment of moments) {
    const how = way === 'unzip' ? 'in one step' : 'in parts';
    const failure = moment === 'before' ? 'fails' : 'loses its answer';
    test(`${how}: whichever call of the store ${failure} once, a retry unpacks the archive`, async () => {
      const undisturbed = await storeWithNewVersion(way);
      await unzipActivities(undisturbed, dir)[way](BUCKET, KEY);
      await checkUnpacked(undisturbed, 'without failures');
      const count = undisturbed.calls.length;
      for (let failing = 0; failing < count; failing++) {
        const store = await storeWithNewVersion(way);
        let calls = 0;
        let failed = '';
        store[moment] = ({ method, key }: StoreCall) => {
          checkManifest(store, `at call ${calls}, after ${failed}`);
          if (calls++ !== failing) return;
          failed = `${method} ${key} (call ${failing})`;
          throw new Unavailable('StoreUnavailable', 'injected');
        };
        const activities = unzipActivities(store, dir, { attempts: 2 });
        await activities[way](BUCKET, KEY);
        await checkUnpacked(store, `after ${failed}`);
        assert.notEqual(failed, '');
      }
      console.log(`# ${count} calls failed, one in each run`);
    });
  }

  test(`${way === 'unzip' ? 'in one step' : 'in parts'}: whichever write is denied permanently, no manifest is wrong`, async () => {
    const undisturbed = await storeWithNewVersion(way);
    await unzipActivities(undisturbed, dir)[way](BUCKET, KEY);
    const writes = new Set(
      undisturbed.calls.filter(({ method }) => /put|remove|Upload/i.test(method)).map(({ key }) => key),
    );
    assert.ok(writes.size >= newFiles.length + 2, `${writes.size} keys are written`);
    for (const denied of newFiles) {
      const store = await storeWithNewVersion(way);
      store.before = ({ method, key }) => {
        if (key === denied && /put|Upload/i.test(method))
          throw new InvalidInput('AccessDenied', `writing ${key}: injected`);
      };
      const end = unzipActivities(store, dir, { attempts: 3 })[way](BUCKET, KEY);
      await assert.rejects(end, { type: 'AccessDenied', nonRetryable: true }, denied);
      assert.equal(
        store.content(BUCKET, MANIFEST),
        undefined,
        `${denied} is missing, but there is a manifest`,
      );
      store.before = () => {};
      await unzipActivities(store, dir, { runs })[way](BUCKET, KEY);
      await checkUnpacked(store, `after ${denied} was denied`);
    }
  });

  test(`${way === 'unzip' ? 'in one step' : 'in parts'}: if other bytes are stored than were sent, a retry stores them again`, async () => {
    for (const damaged of newFiles) {
      const store = await storeWithNewVersion(way);
      let times = 0;
      store.corrupt = (key, body) => {
        if (key !== damaged || times++ > 0) return body;
        return Buffer.concat([body.subarray(0, -1), Buffer.from('?')]);
      };
      await unzipActivities(store, dir, { attempts: 2 })[way](BUCKET, KEY);
      assert.ok(times >= 2, damaged);
      await checkUnpacked(store, damaged);
    }
  });

  test(`${way === 'unzip' ? 'in one step' : 'in parts'}: if other bytes are always stored, the activity fails with StoredWrong and writes no manifest`, async () => {
    for (const damaged of newFiles) {
      const store = await storeWithNewVersion(way);
      store.corrupt = (key, body) => (key === damaged ? Buffer.alloc(body.length, '?') : body);
      const end = unzipActivities(store, dir, { attempts: 2 })[way](BUCKET, KEY);
      await assert.rejects(end, { type: 'StoredWrong', nonRetryable: false }, damaged);
      assert.equal(store.content(BUCKET, MANIFEST), undefined);
    }
  });

  test(`${way === 'unzip' ? 'in one step' : 'in parts'}: the keys of the old version are noted before its manifest is deleted, and the new manifest is written last`, async () => {
    const store = await storeWithNewVersion(way);
    let noted = false;
    let written = 0;
    store.before = ({ method, key }) => {
      const isManifest = key === MANIFEST;
      if (method === 'put' && /earlier/.test(key)) noted = true;
      if (isManifest && method === 'remove') assert.ok(noted, 'the old keys are not noted');
      if (newFiles.includes(key) && method.startsWith('put')) {
        assert.equal(store.content(BUCKET, MANIFEST), undefined, `${key} is written under the old manifest`);
        written++;
      }
      if (isManifest && method === 'put') {
        assert.equal(written, newFiles.length);
        assert.equal(store.content(BUCKET, 'unzip/a/only-in-old.txt'), undefined, 'the old object is left');
      }
    };
    await unzipActivities(store, dir)[way](BUCKET, KEY);
    await checkUnpacked(store, 'at the end');
  });
}
