import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import {
  final,
  retryable,
  type ScriptedActivities,
  startScriptedActivities,
} from '../support/scripted-activities.ts';
import {
  endOfArchive,
  newArchive,
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

/** Activities that unpack `count` parts without a problem. */
const unpackingParts = (count = 1) => ({ ...unpacking, plan: () => planOf(count) });

const endOf = async () => endOfArchive(await startArchive(temporal));

const tasksOf = (name: string) =>
  temporal.calls.filter((call) => call.name === name).map(({ task }) => task as { attempt: number });

test('each part is downloaded, extracted and uploaded, and the manifest is written after all of them', async () => {
  temporal.script(unpackingParts(3));
  const { archive } = newArchive({ small: false });
  const run = await startArchive(temporal, archive);
  assert.deepEqual(await run.result(), {
    ...{ outcome: 'completed', note: '', files: 3, bytes: 6, skipped: 0 },
    ...{ destination: archive.destination, manifest: archive.manifest },
  });
  const called = temporal.names();
  assert.deepEqual(called.slice(0, 2), ['plan', 'begin']);
  assert.deepEqual(called.slice(-2), ['publish', 'tidy']);
  for (const step of ['download', 'extract', 'upload'])
    assert.equal(called.filter((name) => name === step).length, 3, step);
  assert.deepEqual(await run.query('progress'), {
    ...{ phase: 'done', done: 3, total: 3, unit: 'files', failed: 0, note: '6 of 6 bytes' },
  });
});

test('the summaries of the steps name the part, counted from 1, and its size', async () => {
  temporal.script(unpackingParts(2));
  const run = await startArchive(temporal);
  await run.result();
  const summaries = await summariesOf(run);
  for (const step of ['download', 'extract', 'upload'])
    assert.deepEqual(
      summaries[step]?.toSorted(),
      ['part 1: 1 file, 2 bytes', 'part 2: 1 file, 2 bytes'],
      step,
    );
});

test('the memo of a cancelled run says that none of its writes is in flight', async () => {
  let cancel = (): void => {};
  const cancelling = new Promise<void>((resolve) => {
    cancel = resolve;
  });
  temporal.script({
    ...unpackingParts(),
    upload: async () => {
      await cancelling;
      // An activity learns from the answer to a heartbeat that it is cancelled.
      Context.current().heartbeat();
      await Context.current().cancelled;
    },
  });
  const run = await startArchive(temporal);
  await until('the part is being uploaded', () => temporal.names().includes('upload'));
  await run.cancel();
  await until('the workflow has cancelled the upload', async () =>
    (await run.fetchHistory()).events?.some((event) => event.activityTaskCancelRequestedEventAttributes),
  );
  cancel();
  await assert.rejects(run.result());
  const { status, memo } = await run.describe();
  assert.equal(status.name, 'CANCELLED');
  assert.equal(memo?.quiet, true);
});

for (const type of ['ScratchLost', 'ScratchFull']) {
  test(`after ${type} a part starts again with its download, and the old attempt is released`, async () => {
    temporal.script({
      ...unpackingParts(),
      extract: (_, call) => {
        if (call === 0) throw retryable(type);
        return { files: 1, bytes: 2 };
      },
    });
    assert.equal((await endOf()).outcome, 'completed');
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
    ...unpackingParts(),
    extract: (_, call) => {
      if (call === 0) throw final('CorruptEntry');
      return { files: 1, bytes: 2 };
    },
  });
  assert.equal((await endOf()).outcome, 'completed');
  assert.equal(tasksOf('download').length, 2);
});

test('content that is still damaged after the second download fails the run, and no manifest is written', async () => {
  temporal.script({
    ...unpackingParts(),
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
    ...unpackingParts(),
    upload: () => {
      throw final('AccessDenied');
    },
  });
  const run = await startArchive(temporal);
  assert.deepEqual(await endOfArchive(run), { type: 'AccessDenied' });
  assert.equal(temporal.names().at(-1), 'discard');
  assert.equal((await run.describe()).memo?.quiet, undefined);
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
    ...unpackingParts(),
    upload: (_, call) => {
      if (call === 0) throw retryable('StoreUnavailable');
      return { files: 1, bytes: 2 };
    },
  });
  assert.equal((await endOf()).outcome, 'completed');
  assert.equal(tasksOf('download').length, 1);
  assert.equal(tasksOf('upload').length, 2);
});
