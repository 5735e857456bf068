import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Unavailable } from '../../../domain/errors.ts';
import type { FileTotals, PartTask } from '../../../domain/unzip/archive.ts';
import { listsOpenFiles, openFiles } from '../../support/open-files.ts';
import { until } from '../../support/until.ts';
import { BUCKET, plannedParts } from './part-fixture.ts';

const names = ['a', 'b', 'c', 'd'];

/** An extracted part of four files that waits for its upload. */
async function extractedPart(t: TestContext) {
  const entries = names.map((name) => ({ name, content: name.repeat(100) }));
  const { run, shared, scratch, dir, store, archive, runId, tasks } = await plannedParts(t, entries);
  const [task = assert.fail('no part')] = tasks;
  await run(shared.download, task);
  await run(scratch.extract, task);
  store.calls.length = 0;
  const heartbeats: unknown[] = [];
  const upload = (heartbeatDetails?: unknown): Promise<FileTotals> => {
    const info = heartbeatDetails === undefined ? {} : { attempt: 2, heartbeatDetails };
    const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR', () => {}) });
    environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
    return environment.run(scratch.upload as (task: PartTask) => Promise<FileTotals>, task);
  };
  const stored = (): string[] =>
    store.calls
      .filter(({ method, key }) => method === 'put' && key.startsWith('unzip/x/'))
      .map(({ key }) => key);
  return { store, upload, heartbeats, stored, archive, runId, dir };
}

/** Lets the activity send heartbeats without waiting for real seconds. */
function heartbeatNow(t: TestContext): void {
  for (let tick = 0; tick < 3; tick++) t.mock.timers.tick(2_000);
}

test('until the first file is stored, the heartbeat names it as the next one, even if later files are stored', async (t) => {
  const { store, upload, heartbeats, stored } = await extractedPart(t);
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  let storeFirst = (): void => {};
  const isFirstStored = new Promise<void>((resolve) => {
    storeFirst = resolve;
  });
  store.before = ({ key }) => (key === 'unzip/x/a' ? isFirstStored : undefined);
  const uploading = upload();
  await until('the later files are stored', () => stored().length === 4);
  await until('only the first file is missing', () => store.content(BUCKET, 'unzip/x/d') !== undefined);
  heartbeatNow(t);
  assert.deepEqual((heartbeats.at(-1) as { next: number }).next, 0);
  storeFirst();
  assert.deepEqual(await uploading, { files: 4, bytes: 400 });
});

test('a retry stores only the files from the `next` of the last heartbeat on', async (t) => {
  const { upload, stored } = await extractedPart(t);
  assert.deepEqual(await upload({ next: 2, of: 4, bytes: 200 }), { files: 4, bytes: 400 });
  assert.deepEqual(stored().sort(), ['unzip/x/c', 'unzip/x/d']);
});

test('a retry records the checksums of all files, also of files that it does not store again', async (t) => {
  const { store, upload } = await extractedPart(t);
  await upload({ next: 3, of: 4, bytes: 300 });
  const record = store.calls.filter(({ method, key }) => method === 'put' && key.endsWith('.ndjson'));
  assert.equal(record.length, 1, 'the keys were recorded by the first attempt');
  const lines = String(store.content(BUCKET, record[0]?.key ?? ''))
    .trim()
    .split('\n');
  for (const line of lines) assert.match(JSON.parse(line).crc64, /^\d+$/);
  assert.equal(lines.length, 4);
});

test('the keys are recorded before the first file is stored', async (t) => {
  const { store, upload } = await extractedPart(t);
  await upload();
  const writes = store.calls.filter(({ method }) => method === 'put').map(({ key }) => key);
  assert.match(writes[0] ?? '', /part-000000\.ndjson$/);
  assert.match(writes.at(-1) ?? '', /part-000000\.ndjson$/);
  assert.equal(writes.length, 6);
});

test('after one file has failed, no further file is stored, and the pack file stays for the retry', async (t) => {
  const { store, upload, stored, dir } = await extractedPart(t);
  store.before = ({ key }) => {
    if (key === 'unzip/x/b') throw new Unavailable('StoreUnavailable', 'injected');
  };
  await assert.rejects(upload(), { type: 'StoreUnavailable' });
  if (!listsOpenFiles.skip) assert.deepEqual(await openFiles(dir), []);
  store.before = () => {};
  store.calls.length = 0;
  assert.deepEqual(await upload(), { files: 4, bytes: 400 });
  assert.deepEqual(
    stored().sort(),
    names.map((name) => `unzip/x/${name}`),
  );
});

test('after a successful upload, the pack file is deleted, so another attempt fails with ScratchLost', async (t) => {
  const { upload } = await extractedPart(t);
  await upload();
  await assert.rejects(upload(), { type: 'ScratchLost', nonRetryable: false });
});
