import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Archive } from '../../../domain/unzip/archive.ts';
import { type Claim, claimKey } from '../../../domain/unzip/claim.ts';
import type { RunControl } from '../../../ports/run-control.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { zipOf } from '../../support/zip-writer.ts';

const BUCKET = 'eb-ask';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-claims-'));
});
after(() => rm(dir, { recursive: true, force: true }));

/** Small archives in a store, and runs that are open or closed as the test says. */
function setUp() {
  const store = new MemoryObjectStore();
  const closed = new Set<string>();
  const runs: RunControl = {
    find: async () => undefined,
    outcome: async (_workflowId, runId) =>
      closed.has(runId) ? { status: 'cancelled', quiet: true } : undefined,
    cancel: () => assert.fail('no run is cancelled'),
  };
  const { run, shared } = unzipActivities(store, dir, { runs });
  const unpack = async (key: string, runId: string = randomUUID()) => {
    const inspection = await run(shared.inspect, { bucket: BUCKET, key });
    const archive: Archive =
      inspection.outcome === 'archive' ? inspection.archive : assert.fail(inspection.note);
    const workflowId = `unzip:${key}`;
    const parent = { bucket: BUCKET, key, workflowId, runId, event: null, hops: 1 };
    const claiming = { workflowId, runId, workflow: 'unzipObject' as const };
    return await run(shared.unpackSmall, { archive, run: claiming, event: null, parent });
  };
  const put = (key: string, names: readonly string[]): void =>
    store.set(BUCKET, key, zipOf(names.map((name) => ({ name, content: name }))));
  const claim = (key: string, runId: string, rest: Partial<Claim> = {}): Claim => ({
    ...{ key, runId, workflowId: `unzip:${key}`, workflow: 'unzipObject', etag: 'E', folders: [], ...rest },
  });
  const setClaim = (value: Claim): void =>
    store.set(BUCKET, claimKey(value.key.slice(4, -4), value.runId), Buffer.from(JSON.stringify(value)));
  const objects = (): string[] => store.keys(BUCKET).filter((key) => /^unzip\/[^.]/.test(key));
  const claims = (): string[] => store.keys(BUCKET).filter((key) => key.includes('/claims/'));
  return { store, closed, unpack, put, claim, setClaim, objects, claims };
}

test('a run that fails because the destination is taken leaves no claim and writes nothing', async () => {
  const { put, unpack, claim, setClaim, objects, claims } = setUp();
  put('zip/p.zip', ['a']);
  const other = claim('zip/p.ZIP', '0');
  setClaim(other);
  await assert.rejects(unpack('zip/p.zip', '5'), {
    type: 'DestinationTaken',
    message: 'archive oss://eb-ask/zip/p.zip: unzip/p/ is taken: oss://eb-ask/zip/p.ZIP is being extracted',
    nonRetryable: true,
  });
  assert.deepEqual(objects(), []);
  assert.deepEqual(claims(), [claimKey('p', '0')]);
});

test('the largest claim of a failed run does not block archives whose destinations overlap', async () => {
  const { put, unpack, claim, setClaim, closed } = setUp();
  put('zip/p.zip', ['a']);
  const escaped = (unit: string) => (_: unknown, at: number) => `${at}`.padEnd(1_000, unit);
  const folders = Array.from({ length: 2_000 }, escaped('\u0001'));
  const objects = Array.from({ length: 1_000 }, escaped('\u0001'));
  setClaim(claim('zip/p/q.zip', 'failed', { folders, objects }));
  closed.add('failed');
  assert.equal((await unpack('zip/p.zip')).outcome, 'completed');
});

test('a run with precedence waits until the other run has deleted its claim', async () => {
  const { store, put, unpack, claim, setClaim } = setUp();
  put('zip/p.zip', ['a']);
  setClaim(claim('zip/p.ZIP', '9'));
  let looks = 0;
  store.before = async ({ method, key }) => {
    if (method === 'list' && key.includes('/claims/p.zip') && ++looks === 3)
      await store.remove(BUCKET, [claimKey('p', '9')]);
  };
  const result = await unpack('zip/p.zip', '5');
  assert.equal(result.outcome, 'completed');
  assert.ok(looks >= 3, `${looks} looks`);
});

test('a run with precedence that waits too long for another run fails with DestinationBusy, which Temporal retries', async () => {
  const { put, unpack, claim, setClaim, claims } = setUp();
  put('zip/p.zip', ['a']);
  setClaim(claim('zip/p.ZIP', '9'));
  await assert.rejects(unpack('zip/p.zip', '5'), {
    type: 'DestinationBusy',
    message: 'archive oss://eb-ask/zip/p.zip: another run, unzip:zip/p.ZIP, writes to unzip/p/',
    nonRetryable: false,
  });
  assert.equal(claims().length, 2, 'it keeps its claim, so that the other run cannot start again');
});

test('the claim of a closed run does not block, and the objects that it lists are deleted if the new version lacks them', async () => {
  const { store, closed, put, unpack, claim, setClaim, objects, claims } = setUp();
  put('zip/p.zip', ['new']);
  closed.add('1');
  store.set(BUCKET, 'unzip/p/half-written', Buffer.from('x'));
  setClaim(claim('zip/p.zip', '1', { objects: ['unzip/p/half-written', 'unzip/p/never-written'] }));
  assert.equal((await unpack('zip/p.zip', '5')).outcome, 'completed');
  assert.deepEqual(objects(), ['unzip/p/new']);
  assert.deepEqual(claims(), []);
});

test('the objects that the claim of a closed run lists are not deleted if they lie outside the destination', async () => {
  const { store, closed, put, unpack, claim, setClaim, objects } = setUp();
  put('zip/p.zip', ['new']);
  closed.add('1');
  store.set(BUCKET, 'unzip/q/other', Buffer.from('x'));
  setClaim(claim('zip/p.zip', '1', { objects: ['unzip/q/other'] }));
  await unpack('zip/p.zip', '5');
  assert.deepEqual(objects(), ['unzip/p/new', 'unzip/q/other']);
});

test('a second run of the same archive withdraws, deletes its claim, and names the first run', async () => {
  const { put, unpack, claim, setClaim, claims, objects } = setUp();
  put('zip/p.zip', ['a']);
  setClaim(claim('zip/p.zip', '1'));
  assert.deepEqual(await unpack('zip/p.zip', '5'), {
    outcome: 'busy',
    by: { workflowId: 'unzip:zip/p.zip', runId: '1', workflow: 'unzipObject', etag: 'E' },
  });
  assert.deepEqual(claims(), [claimKey('p', '1')]);
  assert.deepEqual(objects(), []);
});

test('a run that withdraws reads one claim, even if sixty runs for the same archive have claims', async () => {
  const { store, put, unpack, claim, setClaim, closed } = setUp();
  put('zip/p.zip', ['a']);
  for (let at = 10; at < 70; at++) setClaim(claim('zip/p.zip', `${at}`));
  const readClaims = () =>
    store.calls
      .filter(({ method, key }) => method === 'get' && key.includes('/claims/'))
      .map(({ key }) => key);
  const result = await unpack('zip/p.zip', '40');
  assert.equal(result.outcome === 'busy' && result.by.runId, '10');
  assert.deepEqual(readClaims(), [claimKey('p', '10')]);

  store.calls.length = 0;
  closed.add('10');
  const next = await unpack('zip/p.zip', '40');
  assert.equal(next.outcome === 'busy' && next.by.runId, '11', 'a closed run has no precedence');
  assert.deepEqual(readClaims(), [claimKey('p', '10'), claimKey('p', '11')]);
});

test('a run does not withdraw for runs with larger ids, nor for runs of other archives', async () => {
  const { store, put, unpack, claim, setClaim } = setUp();
  put('zip/p.zip', ['a']);
  setClaim(claim('zip/p.ZIP', '1'));
  setClaim(claim('zip/p.zip', '6'));
  await assert.rejects(unpack('zip/p.zip', '5'), { type: 'DestinationTaken' });
  await store.remove(BUCKET, [claimKey('p', '1')]);
  await assert.rejects(unpack('zip/p.zip', '5'), { type: 'DestinationBusy' });
});

test('if another archive publishes its manifest while this run writes, this run writes no manifest', async () => {
  const { store, put, unpack } = setUp();
  put('zip/p.zip', ['q/x']);
  const manifest = {
    ...{ version: 1, source: { bucket: BUCKET, key: 'zip/p/q.zip', etag: 'E' }, event: null },
    ...{ files: 1, bytes: 1, objects: [{ key: 'unzip/p/q/x', size: 1 }], skipped: [] },
  };
  store.after = ({ method, key }) => {
    if (method === 'put' && key === 'unzip/p/q/x')
      store.set(BUCKET, 'unzip/.sluice/p/q.json', Buffer.from(JSON.stringify(manifest)));
  };
  await assert.rejects(unpack('zip/p.zip', '5'), {
    type: 'DestinationTaken',
    message:
      'archive oss://eb-ask/zip/p.zip: unzip/p/ is taken: oss://eb-ask/zip/p/q.zip has the object unzip/p/q/x; ' +
      'delete it, or release the destination',
  });
  assert.equal(store.content(BUCKET, 'unzip/.sluice/p.json'), undefined);
});

test('a nested destination is free again when the objects that its manifest lists are deleted', async () => {
  const { store, put, unpack, objects } = setUp();
  put('zip/p/q.zip', ['x']);
  put('zip/p.zip', ['q/x']);
  await unpack('zip/p/q.zip');
  await assert.rejects(unpack('zip/p.zip'), { type: 'DestinationTaken' });
  await store.remove(BUCKET, ['unzip/p/q/x']);
  assert.equal((await unpack('zip/p.zip')).outcome, 'completed');
  assert.deepEqual(objects(), ['unzip/p/q/x']);
});

test('a retry does not treat an object that the first attempt has written as an object of the other archive', async () => {
  const { store, put, unpack, objects } = setUp();
  put('zip/p/q.zip', ['x']);
  put('zip/p.zip', ['q/x']);
  await unpack('zip/p/q.zip');
  await store.remove(BUCKET, ['unzip/p/q/x']);
  let failures = 0;
  store.after = ({ method, key }) => {
    if (method === 'put' && key === 'unzip/p/q/x' && failures++ === 0) throw new Error('answer lost');
  };
  await assert.rejects(unpack('zip/p.zip', '5'));
  assert.equal((await unpack('zip/p.zip', '5')).outcome, 'completed');
  assert.deepEqual(objects(), ['unzip/p/q/x']);
  assert.deepEqual(
    store.keys(BUCKET).filter((key) => key.includes('checked-manifests')),
    [],
  );
});

test('a new version deletes no old object in the destination of an open run, and reserves the folders of old objects', async () => {
  const { store, put, unpack, claim, setClaim, objects } = setUp();
  put('zip/p.zip', ['q/x', 'r/y', 'c']);
  await unpack('zip/p.zip');
  put('zip/p.zip', ['s']);
  let reserved: unknown;
  store.before = ({ method, key }) => {
    // The run of the inner archive begins after the check of claims of the outer run.
    if (method === 'put' && key === 'unzip/p/s') setClaim(claim('zip/p/q.zip', '9'));
    if (method === 'remove' && key === 'unzip/p/r/y')
      reserved = JSON.parse(String(store.content(BUCKET, claimKey('p', '5')))).folders;
  };
  await unpack('zip/p.zip', '5');
  assert.deepEqual(objects(), ['unzip/p/q/x', 'unzip/p/s']);
  assert.deepEqual((reserved as string[]).sort(), ['q', 'r']);
});

test('a run sees the claim of an inner archive even if both paths are too long for a key', async () => {
  const { put, unpack, claim, setClaim, objects } = setUp();
  const path = '长'.repeat(310);
  put(`zip/${path}.zip`, ['q/x']);
  setClaim(claim(`zip/${path}/q.zip`, '0'));
  await assert.rejects(unpack(`zip/${path}.zip`, '5'), { type: 'DestinationTaken' });
  assert.deepEqual(objects(), []);
});

test('an outer and an inner archive are both unpacked if they have different files', async () => {
  const { put, unpack, objects } = setUp();
  put('zip/p.zip', ['q/y']);
  put('zip/p/q.zip', ['x']);
  await unpack('zip/p.zip');
  await unpack('zip/p/q.zip');
  assert.deepEqual(objects(), ['unzip/p/q/x', 'unzip/p/q/y']);
});

test('a new version of the outer archive deletes no object of the inner archive', async () => {
  const { put, unpack, objects } = setUp();
  put('zip/p.zip', ['q/y', 'a']);
  put('zip/p/q.zip', ['x']);
  await unpack('zip/p.zip');
  await unpack('zip/p/q.zip');
  put('zip/p.zip', ['a']);
  await unpack('zip/p.zip');
  assert.deepEqual(objects(), ['unzip/p/a', 'unzip/p/q/x']);
});
