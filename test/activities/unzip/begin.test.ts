import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { claimsOfOpenRuns } from '../../../activities/unzip/claim-destination.ts';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import type { Archive } from '../../../domain/unzip/archive.ts';
import { type Claim, claimKey } from '../../../domain/unzip/claim.ts';
import { ndjson } from '../../../domain/unzip/run-object-keys.ts';
import type { RunOutcome } from '../../../ports/run-control.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';

const BUCKET = 'eb-ask';

const archive: Archive = {
  ...{ bucket: BUCKET, key: 'zip/p/q.zip', etag: 'E', size: 1, base: 'q', destination: 'unzip/p/q/' },
  ...{ manifest: 'unzip/.sluice/p/q.json', runs: 'unzip/.sluice/.sluice/p/q/' },
};
const ended: RunOutcome = { status: 'failed', type: 'AccessDenied', message: '' };

/** The archive zip/p/q.zip, and a claim of a run of this archive, or of zip/p.zip, whose destination contains it. */
function withClaim(key: string, outcome: RunOutcome | undefined) {
  const store = new MemoryObjectStore();
  const other: Claim = {
    ...{ key, workflowId: `unzip:${key}`, runId: 'other', workflow: 'unzipObject', etag: 'E' },
    ...{ folders: ['q'], objects: ['unzip/p/q/y'] },
  };
  store.set(BUCKET, claimKey(key.slice(4, -4), 'other'), Buffer.from(JSON.stringify(other)));
  const runs = {
    ...{ find: async () => undefined, outcome: async () => outcome },
    cancel: () => assert.fail('no run is cancelled'),
  };
  const { run, shared } = unzipActivities(store, tmpdir(), { runs });
  return {
    /** Begins a run, and returns the previous keys that it notes. */
    async begin(): Promise<string[]> {
      const claiming = { workflowId: 'unzip', runId: 'own', workflow: 'unzipObject' as const };
      await run(shared.begin, { archive, runId: 'own', run: claiming });
      const noted = store.content(BUCKET, `${archive.runs}own/earlier.ndjson`);
      return noted === undefined ? [] : String(noted).trim().split('\n');
    },
    claimsOfOpenRuns: () =>
      claimsOfOpenRuns({ store, runs, lists: new ListMemory() }, archive, new AbortController().signal),
  };
}

test('a run notes the objects in the claim of a closed run of the same destination, but not of an open run', async () => {
  assert.deepEqual(await withClaim(archive.key, ended).begin(), ['"unzip/p/q/y"']);
  assert.deepEqual(await withClaim(archive.key, undefined).begin(), []);
});

test('a run does not note the objects in the claim of a closed run of an outer archive, so it never deletes them', async () => {
  assert.deepEqual(await withClaim('zip/p.zip', ended).begin(), []);
});

test('an open run of an outer archive does not count as a run of the destination', async () => {
  assert.equal((await withClaim(archive.key, undefined).claimsOfOpenRuns()).length, 1);
  assert.deepEqual(await withClaim('zip/p.zip', undefined).claimsOfOpenRuns(), []);
});

const list = (run: string, name: string): string => `${archive.runs}${run}/${name}`;

/** An earlier version with lists, the lists and the claim of a failed run, and an activity that begins the next run. */
function withFailedRun() {
  const store = new MemoryObjectStore();
  const parts = [list('1', 'part-000000.ndjson')];
  const manifest = { source: { bucket: BUCKET, key: archive.key, etag: 'D' }, parts };
  store.set(BUCKET, archive.manifest, Buffer.from(JSON.stringify(manifest)));
  store.set(BUCKET, parts[0] ?? '', ndjson([{ key: 'unzip/p/q/a' }]));
  store.set(BUCKET, list('2', 'earlier.ndjson'), ndjson(['unzip/p/q/b']));
  store.set(BUCKET, list('2', 'directory'), Buffer.from('directory'));
  const claim: Claim = {
    ...{ key: archive.key, workflowId: 'unzip', runId: '2', workflow: 'unzipObject', etag: 'E' },
    ...{ folders: [], objects: ['unzip/p/q/c'] },
  };
  store.set(BUCKET, claimKey('p/q', '2'), Buffer.from(JSON.stringify(claim)));
  const runs = {
    ...{ find: async () => undefined, outcome: async () => ended },
    cancel: () => assert.fail('no run is cancelled'),
  };
  const { run, shared } = unzipActivities(store, tmpdir(), { runs });
  const claiming = { workflowId: 'unzip', runId: '3', workflow: 'unzipArchive' as const };
  return {
    store,
    begin: () => run(shared.begin, { archive, runId: '3', run: claiming }),
    /** As a run of an earlier version of Sluice does, which has no claim. */
    beginUnclaimed: () => run(shared.begin, { archive, runId: '3' }),
    known: () => String(store.content(BUCKET, list('3', 'earlier.ndjson')) ?? ''),
  };
}

test('a run stores the keys of earlier runs in one list, and then deletes their manifest, lists and claims', async () => {
  const { store, begin, known } = withFailedRun();
  await begin();
  assert.deepEqual(known().trim().split('\n'), ['"unzip/p/q/a"', '"unzip/p/q/b"', '"unzip/p/q/c"']);
  assert.deepEqual(store.keys(BUCKET), [list('3', 'earlier.ndjson')]);
  const changes = store.calls.filter(({ method }) => method === 'put' || method === 'remove');
  assert.deepEqual(
    changes.slice(0, 2).map(({ method, key }) => `${method} ${key}`),
    [`put ${list('3', 'earlier.ndjson')}`, `remove ${archive.manifest}`],
  );
});

test('if an earlier attempt deletes a list at the same time, this attempt fails and keeps its lists', async () => {
  const { store, begin, known } = withFailedRun();
  store.before = ({ method, key }) => {
    if (method === 'get' && key === list('2', 'earlier.ndjson')) void store.remove(BUCKET, [key]);
  };
  await assert.rejects(begin(), { type: 'ListsChanged' });
  assert.equal(known(), '');
});

test('if an earlier attempt has stored its list meanwhile, this attempt fails and does not overwrite it', async () => {
  const { store, begin, known } = withFailedRun();
  store.before = ({ method, key }) => {
    if (method === 'get' && key === list('2', 'earlier.ndjson'))
      store.set(BUCKET, list('3', 'earlier.ndjson'), ndjson(['unzip/p/q/all']));
  };
  await assert.rejects(begin(), { type: 'ListsChanged' });
  assert.equal(known().trim(), '"unzip/p/q/all"');
});

test('a run without a claim deletes no list, because another run may need it', async () => {
  const { store, beginUnclaimed } = withFailedRun();
  await beginUnclaimed();
  assert.equal(store.keys(BUCKET).length, 5);
});

test('whichever change fails, the manifest has its lists, and a later attempt knows all keys', async () => {
  for (let failing = 0; failing < 6; failing++) {
    const { store, begin, known } = withFailedRun();
    let changes = 0;
    store.before = ({ method }) => {
      if ((method === 'put' || method === 'remove') && changes++ === failing) throw new Error('no network');
    };
    await assert.rejects(begin(), /no network/, `change ${failing}`);
    store.before = () => {};
    if (store.content(BUCKET, archive.manifest) !== undefined)
      assert.ok(store.content(BUCKET, list('1', 'part-000000.ndjson')), `change ${failing}`);
    await begin();
    assert.deepEqual(known().trim().split('\n').sort(), ['"unzip/p/q/a"', '"unzip/p/q/b"', '"unzip/p/q/c"']);
    assert.deepEqual(store.keys(BUCKET), [list('3', 'earlier.ndjson')]);
  }
});
