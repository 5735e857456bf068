import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { openClaims } from '../../../activities/unzip/claim-destination.ts';
import { ListMemory } from '../../../activities/unzip/list-memory.ts';
import type { Archive } from '../../../domain/unzip/archive.ts';
import { type Claim, claimKey } from '../../../domain/unzip/claim.ts';
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
    openClaims: () =>
      openClaims({ store, runs, lists: new ListMemory() }, archive, new AbortController().signal),
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
  assert.equal((await withClaim(archive.key, undefined).openClaims()).length, 1);
  assert.deepEqual(await withClaim('zip/p.zip', undefined).openClaims(), []);
});
