import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { type ScriptedActivities, startScriptedActivities } from '../support/scripted-activities.ts';
import {
  completed,
  endOfUnzip,
  inParts,
  newArchive,
  startUnzip,
  unpacking,
  unzipActivityNames,
} from '../support/scripted-unzip.ts';
import { until } from '../support/until.ts';

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(unzipActivityNames, ['unzip', 'scratch']);
});
after(() => temporal.stop());

const large = () => newArchive({ small: false });
type NewArchive = ReturnType<typeof large>;
type Scripts = Parameters<ScriptedActivities['script']>[0];

/** Starts another run for the destination. It stays open until `end` is called. */
async function startOtherRun({ archive, workflowId }: NewArchive) {
  temporal.script({ plan: () => Context.current().cancelled });
  const args = [{ archive, event: null }];
  const run = await temporal.client.workflow.start('unzipArchive', { taskQueue: 'unzip', workflowId, args });
  await until('the other run is planning', () => temporal.names().includes('plan'));
  return {
    runId: run.firstExecutionRunId,
    end: async (): Promise<void> => {
      await run.terminate();
    },
  };
}

/** Runs `unzipObject` while another run for the same destination is open. */
async function endBeside(
  found: NewArchive,
  scripts: (other: Awaited<ReturnType<typeof startOtherRun>>) => Scripts,
) {
  const other = await startOtherRun(found);
  temporal.script({ ...unpacking, inspect: () => found.inspected, ...scripts(other) });
  try {
    return await endOfUnzip(temporal, found.archive.key);
  } finally {
    await other.end().catch(() => undefined);
  }
}

const unpacked = ({ archive: { destination, manifest } }: NewArchive) => ({
  ...{ ...completed, skipped: 0, destination, manifest },
});

test('a run beside another run of the same version waits for its result', async () => {
  const found = large();
  const end = await endBeside(found, ({ runId }) => ({
    findOther: () => ({ runId, sameKey: true, sameVersion: true, key: found.archive.key }),
    awaitOther: () => ({ status: 'completed', result: { ...completed, announced: true } }),
  }));
  assert.deepEqual(end, { ...completed, note: `joined the open run of ${found.workflowId}` });
  assert.deepEqual(temporal.names(), ['inspect', 'findOther', 'awaitOther', 'announce']);
  const { key, etag } = found.archive;
  assert.deepEqual(temporal.calls[1]?.task, { workflowId: found.workflowId, key, etag });
});

test('if the other run of the same version was cancelled, the run unpacks the archive', async () => {
  const found = large();
  const end = await endBeside(found, (other) => ({
    findOther: () => ({ runId: other.runId, sameKey: true, sameVersion: true, key: found.archive.key }),
    async awaitOther() {
      await other.end();
      return { status: 'cancelled', quiet: true };
    },
  }));
  assert.deepEqual(end, unpacked(found));
  assert.deepEqual(temporal.names(), [
    ...['inspect', 'findOther', 'awaitOther', 'inspect'],
    ...[...inParts, 'announce'],
  ]);
});

test('if the other run has ended when it is looked for, the run unpacks the archive', async () => {
  const found = large();
  const end = await endBeside(found, (other) => ({
    async findOther() {
      await other.end();
      return null;
    },
  }));
  assert.deepEqual(end, unpacked(found));
  assert.deepEqual(temporal.names(), ['inspect', 'findOther', 'inspect', ...inParts, 'announce']);
});

const ofOtherVersion = (found: NewArchive, runId: string) => ({
  ...{ runId, sameKey: true, sameVersion: false, key: found.archive.key },
});

test('a run of another version is stopped if the version in the event is still the current one', async () => {
  const found = large();
  const end = await endBeside(found, (other) => ({
    findOther: () => ofOtherVersion(found, other.runId),
    async stopOther() {
      await other.end();
      return 0;
    },
  }));
  assert.deepEqual(end, unpacked(found));
  assert.deepEqual(temporal.names(), [
    ...['inspect', 'findOther', 'inspect', 'stopOther', 'inspect'],
    ...[...inParts, 'announce'],
  ]);
});

test('after a run of another version was stopped, the run waits until that run can write no more', async () => {
  const found = large();
  const other = await startOtherRun(found);
  temporal.script({
    ...{ ...unpacking, inspect: () => found.inspected },
    findOther: () => ofOtherVersion(found, other.runId),
    async stopOther() {
      await other.end();
      return 1_500;
    },
  });
  const run = await startUnzip(temporal, found.archive.key);
  assert.deepEqual(await run.result(), unpacked(found));
  const { events } = await run.fetchHistory();
  const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => (timer ? [timer] : []));
  assert.deepEqual(
    timers.map(({ startToFireTimeout }) => [
      Number(startToFireTimeout?.seconds ?? 0),
      startToFireTimeout?.nanos ?? 0,
    ]),
    [[1, 500_000_000]],
  );
});

test('a run of another version is not stopped if a newer version has replaced the version in the event', async () => {
  const found = large();
  const note = 'a newer version has replaced it';
  const end = await endBeside(found, ({ runId }) => ({
    inspect: (_, call) => (call === 0 ? found.inspected : { outcome: 'superseded', note }),
    findOther: () => ofOtherVersion(found, runId),
  }));
  assert.deepEqual(end, { outcome: 'superseded', note });
  assert.deepEqual(temporal.names(), ['inspect', 'findOther', 'inspect']);
});

test('a run of another version is not stopped if the object has changed once more: the run inspects it again', async () => {
  const found = large();
  const newer = { ...found.inspected, archive: { ...found.archive, etag: 'E2' } };
  const end = await endBeside(found, (other) => ({
    inspect: (_, call) => (call === 0 ? found.inspected : newer),
    async findOther() {
      await other.end();
      return ofOtherVersion(found, other.runId);
    },
  }));
  assert.deepEqual(end, unpacked(found));
  assert.deepEqual(temporal.names(), [
    ...['inspect', 'findOther', 'inspect', 'inspect'],
    ...[...inParts, 'announce'],
  ]);
});

test('a run beside a run of another archive with the same destination fails, and names that archive', async () => {
  const found = large();
  const end = await endBeside(found, ({ runId }) => ({
    findOther: () => ({ runId, sameKey: false, sameVersion: false, key: 'zip/first.ZIP' }),
  }));
  const { key, destination } = found.archive;
  assert.deepEqual(end, {
    type: 'DestinationTaken',
    message: `archive oss://eb-ask/${key}: ${destination} is taken: oss://eb-ask/zip/first.ZIP is being extracted`,
  });
  assert.deepEqual(temporal.names(), ['inspect', 'findOther', 'announce']);
});

test('a run beside a run that does not name its archive waits for it, and then unpacks the archive', async () => {
  const found = large();
  const end = await endBeside(found, (other) => ({
    findOther: () => ({ runId: other.runId, sameKey: false, sameVersion: false }),
    async awaitOther() {
      await other.end();
      return { status: 'completed', result: completed };
    },
  }));
  assert.deepEqual(end, unpacked(found));
  assert.deepEqual(temporal.names(), [
    ...['inspect', 'findOther', 'awaitOther', 'inspect'],
    ...[...inParts, 'announce'],
  ]);
});
