import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  final,
  retryable,
  type ScriptedActivities,
  startScriptedActivities,
} from '../support/scripted-activities.ts';
import {
  endOfArchive,
  planOf,
  startArchive,
  unpacking,
  unzipActivityNames,
} from '../support/scripted-unzip.ts';
import { summariesOf } from '../support/summaries-of.ts';
import { until } from '../support/until.ts';

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(unzipActivityNames, ['unzip', 'scratch']);
});
after(() => temporal.stop());

const endOf = async () => endOfArchive(await startArchive(temporal));

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
  ...{ ...unpacking, plan: () => planOf(1, { big: true }), openBigFile: () => bigFile },
  ...{
    downloadWindow: () => ({ queue: 'scratch' }),
    uploadSlab: () => {},
    closeBigFile: () => ({ files: 1, bytes: 2 }),
  },
  extractWindow: ({ slab }: { slab: number }) => slabs[slab],
  abandonBigFile: () => {},
});

test('all slabs of a big file are uploaded before its upload is closed', async () => {
  temporal.script(unpackingBig());
  assert.equal((await endOf()).outcome, 'completed');
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
  assert.equal((await endOf()).outcome, 'completed');
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

test('slabs are uploaded one after the other, and the next slab is extracted during an upload', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  temporal.script({
    ...unpackingBig(),
    uploadSlab: async ({ slab }: { slab: number }) => {
      if (slab === 0) await held;
    },
  });
  const run = await startArchive(temporal);
  try {
    const scheduled = await until('the workflow has handled the second extracted slab', async () => {
      const { events } = await run.fetchHistory();
      const ids = new Map(
        (events ?? []).flatMap(({ eventId, activityTaskScheduledEventAttributes: task }) =>
          task ? [[String(eventId), task.activityType?.name]] : [],
        ),
      );
      const completed = (events ?? []).map(({ activityTaskCompletedEventAttributes: task }) =>
        ids.get(String(task?.scheduledEventId)),
      );
      const handledAt = (events ?? []).findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
      const extracted = completed.slice(0, handledAt).filter((name) => name === 'extractWindow');
      return extracted.length === 2 && [...ids.values()];
    });
    assert.deepEqual(
      scheduled.filter((name) => name === 'uploadSlab'),
      ['uploadSlab'],
    );
  } finally {
    release();
  }
  await run.result();
  const uploaded = temporal.calls.filter(({ name }) => name === 'uploadSlab');
  assert.deepEqual(
    uploaded.map(({ task }) => (task as { slab: number }).slab),
    [0, 1, 2],
  );
});

test('the summaries of the steps name the part and the window, counted from 1', async () => {
  temporal.script(unpackingBig());
  const run = await startArchive(temporal);
  await run.result();
  const summaries = await summariesOf(run);
  assert.deepEqual(summaries.openBigFile, ['part 1: one file of 2 bytes']);
  assert.deepEqual(new Set(summaries.extractWindow), new Set(['window 1 of 1']));
});
