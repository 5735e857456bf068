import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Unavailable } from '../../../domain/errors.ts';
import type { Archive, UnzipPlan } from '../../../domain/unzip/archive.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { zipOf } from '../../support/zip-writer.ts';

const BUCKET = 'eb-ask';
const KEY = 'zip/p.zip';
const MIB = 2 ** 20;
const WRAP = 2 ** 32;

/** An archive with two files of 4 GiB and one byte. They declare one byte. */
function wrappedArchive(): { readonly zip: Buffer; readonly secondAt: number } {
  const zeros = deflateRawSync(Buffer.alloc(16 * MIB), { finishFlush: constants.Z_SYNC_FLUSH });
  const end = deflateRawSync(Buffer.alloc(1));
  const content = Buffer.concat([...Array.from({ length: 256 }, () => zeros), end]);
  const zip = zipOf(['0', '1'].map((name) => ({ name, method: 0, content, declared: { size: 1 } })));
  // The writer does not deflate a stored entry, so its method is changed afterwards.
  const directory = zip.readUInt32LE(zip.length - 6);
  for (const row of [0, 1]) zip.writeUInt16LE(8, directory + row * 47 + 10);
  return { zip, secondAt: zip.readUInt32LE(directory + 47 + 42) };
}

/** Returns a function that runs one attempt of the activity `plan`. */
function planWith(
  { plan }: ReturnType<typeof unzipActivities>['shared'],
  archive: Archive,
  onHeartbeat: (details: unknown) => void,
) {
  return (info: { attempt: number; heartbeatDetails?: unknown }): Promise<UnzipPlan> => {
    const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR', () => {}) });
    environment.on('heartbeat', onHeartbeat);
    const task = { archive, runId: 'own' };
    return environment.run(plan as (given: typeof task) => Promise<UnzipPlan>, task);
  };
}

/** Lets the activity send heartbeats without waiting for real seconds. */
function heartbeatNow(t: TestContext): void {
  for (let tick = 0; tick < 3; tick++) t.mock.timers.tick(2_000);
}

test('a plan whose first attempt has measured a file of 4 GiB does not read this file again', async (t) => {
  const { zip, secondAt } = wrappedArchive();
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zip);
  const { shared, run } = unzipActivities(store, tmpdir());
  const inspection = await run(shared.inspect, { bucket: BUCKET, key: KEY });
  assert.ok(inspection.outcome === 'archive');

  let readBytes = 0;
  let onSecondFile = (): void => {};
  const real = store.read.bind(store);
  store.read = (version, range, signal) => {
    // The end of the archive and its directory begin later.
    if (range.start >= secondAt && range.start < secondAt + MIB) onSecondFile();
    readBytes += range.end - range.start;
    return real(version, range, signal);
  };
  const heartbeats: unknown[] = [];
  const plan = planWith(shared, inspection.archive, (details) => heartbeats.push(details));

  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  onSecondFile = () => {
    heartbeatNow(t);
    throw new Unavailable('StoreUnavailable', 'the store does not answer');
  };
  await assert.rejects(plan({ attempt: 1 }), /does not answer/);
  assert.ok(readBytes > secondAt, 'the first attempt has read the first file');

  readBytes = 0;
  onSecondFile = () => {};
  const { files, bytes } = await plan({ attempt: 2, heartbeatDetails: heartbeats.at(-1) });
  assert.deepEqual({ files, bytes }, { files: 2, bytes: 2 * (WRAP + 1) });
  assert.ok(readBytes < zip.length, `${readBytes} bytes read again`);
});

test('an attempt accepts the heartbeat of an earlier version, which was a text', async () => {
  const store = new MemoryObjectStore();
  store.set(BUCKET, KEY, zipOf([{ name: 'a', content: 'a' }]));
  const { shared, run } = unzipActivities(store, tmpdir());
  const inspection = await run(shared.inspect, { bucket: BUCKET, key: KEY });
  assert.ok(inspection.outcome === 'archive');
  const plan = planWith(shared, inspection.archive, () => {});
  const { files } = await plan({ attempt: 2, heartbeatDetails: 'read 5 bytes of the directory' });
  assert.equal(files, 1);
});
