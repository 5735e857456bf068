import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import {
  final,
  retryable,
  type ScriptedActivities,
  startScriptedActivities,
} from '../support/scripted-activities.ts';
import { unzipActivityNames } from '../support/scripted-unzip.ts';

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(unzipActivityNames, ['unzip', 'scratch-1', 'scratch-2']);
});
after(() => temporal.stop());

const archive = {
  ...{ bucket: 'eb-ask', key: 'zip/a.zip', etag: 'E', size: 10, base: 'a', destination: 'unzip/a/' },
  ...{ manifest: 'unzip/.sluice/a.json', runs: 'unzip/.sluice/.sluice/x/' },
};
const totals = { files: 1, bytes: 2 };

/** A plan of `count` parts. */
function planOf(count: number, { big = false } = {}) {
  const part = { directoryOffset: 0, directoryLength: 50, files: 1, dataStart: 0, dataEnd: 9, bytes: 2, big };
  return {
    ...{ directory: { key: 'k', etag: 'E', size: 1, offset: 0 }, shift: 0, naming: {}, skipped: 0 },
    ...{
      files: count,
      bytes: 2 * count,
      parts: Array.from({ length: count }, (_, index) => ({ ...part, index })),
    },
  };
}

/** Activities that unpack without a problem. */
const unpacking = (count = 1) => ({
  ...{ plan: () => planOf(count), begin: () => {}, download: () => ({ queue: 'scratch-1' }) },
  ...{ extract: () => totals, upload: () => totals, publish: () => totals, tidy: () => ({}) },
  ...{ discard: () => {}, releasePart: () => {} },
});

async function endOf(): Promise<object> {
  const run = await temporal.client.workflow.start('unzipArchive', {
    taskQueue: 'unzip',
    workflowId: `unzip-into:${randomUUID()}`,
    args: [{ archive, event: null }],
  });
  try {
    return (await run.result()) as object;
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError, String(error));
    let cause = error.cause as { cause?: unknown; type?: string } | undefined;
    while (cause?.cause !== undefined) cause = cause.cause as typeof cause;
    return { type: cause?.type };
  }
}

const tasksOf = (name: string) =>
  temporal.calls.filter((call) => call.name === name).map(({ task }) => task as { attempt: number });

test('each part is downloaded, extracted and uploaded, and the manifest is written after all of them', async () => {
  temporal.script(unpacking(3));
  assert.deepEqual(await endOf(), {
    ...{ outcome: 'completed', note: '', files: 3, bytes: 6, skipped: 0 },
    ...{ destination: archive.destination, manifest: archive.manifest },
  });
  const called = temporal.names();
  assert.deepEqual(called.slice(0, 2), ['plan', 'begin']);
  assert.deepEqual(called.slice(-2), ['publish', 'tidy']);
  for (const step of ['download', 'extract', 'upload'])
    assert.equal(called.filter((name) => name === step).length, 3, step);
});

for (const type of ['ScratchLost', 'ScratchFull']) {
  test(`after ${type} a part starts again with its download, and the old attempt is released`, async () => {
    temporal.script({
      ...unpacking(),
      extract: (_, call) => {
        if (call === 0) throw retryable(type);
        return totals;
      },
    });
    assert.equal(((await endOf()) as { outcome: string }).outcome, 'completed');
    assert.deepEqual(
      tasksOf('download').map(({ attempt }) => attempt),
      [0, 1],
    );
    assert.deepEqual(
      tasksOf('releasePart').map(({ attempt }) => attempt),
      [0],
    );
  });
}

test('damaged content is downloaded once more', async () => {
  temporal.script({
    ...unpacking(),
    extract: (_, call) => {
      if (call === 0) throw final('CorruptEntry');
      return totals;
    },
  });
  assert.equal(((await endOf()) as { outcome: string }).outcome, 'completed');
  assert.equal(tasksOf('download').length, 2);
});

test('content that is still damaged after the second download fails the run, and no manifest is written', async () => {
  temporal.script({
    ...unpacking(),
    extract: () => {
      throw final('CorruptEntry');
    },
  });
  assert.deepEqual(await endOf(), { type: 'CorruptEntry' });
  assert.equal(tasksOf('download').length, 2);
  assert.equal(temporal.names().includes('publish'), false);
});

test('a run that fails discards its files on the scratch disks', async () => {
  temporal.script({
    ...unpacking(),
    upload: () => {
      throw final('AccessDenied');
    },
  });
  assert.deepEqual(await endOf(), { type: 'AccessDenied' });
  assert.equal(temporal.names().at(-1), 'discard');
});

test('if planning fails permanently, no part is started', async () => {
  temporal.script({
    plan: () => {
      throw final('UnsafeName');
    },
  });
  assert.deepEqual(await endOf(), { type: 'UnsafeName' });
  assert.deepEqual(temporal.names(), ['plan']);
});

test('after a retryable failure, only the failed activity of a part runs again', async () => {
  temporal.script({
    ...unpacking(),
    upload: (_, call) => {
      if (call === 0) throw retryable('StoreUnavailable');
      return totals;
    },
  });
  assert.equal(((await endOf()) as { outcome: string }).outcome, 'completed');
  assert.equal(tasksOf('download').length, 1);
  assert.equal(tasksOf('upload').length, 2);
});

const bigFile = {
  key: 'unzip/a/big',
  method: 0,
  size: 3,
  compressedSize: 3,
  crc32: 1,
  dataStart: 0,
  uploadId: 'u',
  partBytes: 1,
  slabBytes: 1,
};

/** Steps of a file of three slabs in one window. */
const slabs = [
  { slabDone: true, upload: true, windowDone: false },
  { slabDone: true, upload: true, windowDone: false },
  { slabDone: true, upload: true, windowDone: true, crc64: '7' },
];

const unpackingBig = () => ({
  ...{ ...unpacking(), plan: () => planOf(1, { big: true }), openBigFile: () => bigFile },
  ...{ downloadWindow: () => ({ queue: 'scratch-1' }), uploadSlab: () => {}, closeBigFile: () => totals },
  extractWindow: ({ slab }: { slab: number }) => slabs[slab],
  abandonBigFile: () => {},
});

test('all slabs of a big file are uploaded before its upload is closed', async () => {
  temporal.script(unpackingBig());
  assert.equal(((await endOf()) as { outcome: string }).outcome, 'completed');
  const called = temporal.names();
  assert.equal(called.filter((name) => name === 'uploadSlab').length, 3);
  assert.ok(called.lastIndexOf('uploadSlab') < called.indexOf('closeBigFile'));
  assert.equal(called.includes('abandonBigFile'), false);
});

test('after the loss of a worker, a big file is inflated again, and uploaded slabs are not uploaded again', async () => {
  let lost = false;
  temporal.script({
    ...unpackingBig(),
    extractWindow: ({ slab, uploaded }: { slab: number; uploaded: number }) => {
      if (slab === 2 && !lost) {
        lost = true;
        throw retryable('ScratchLost');
      }
      return { ...slabs[slab], upload: slab >= uploaded };
    },
  });
  assert.equal(((await endOf()) as { outcome: string }).outcome, 'completed');
  const uploaded = temporal.calls
    .filter(({ name }) => name === 'uploadSlab')
    .map(({ task }) => (task as { slab: number }).slab);
  assert.deepEqual([...new Set(uploaded)], [0, 1, 2]);
  assert.equal(uploaded.filter((slab) => slab === 0).length, 1);
});

test('if a big file fails permanently, its upload is aborted', async () => {
  temporal.script({
    ...unpackingBig(),
    extractWindow: () => {
      throw final('AccessDenied');
    },
  });
  assert.deepEqual(await endOf(), { type: 'AccessDenied' });
  assert.ok(temporal.names().includes('abandonBigFile'));
  assert.equal(temporal.names().includes('closeBigFile'), false);
});
