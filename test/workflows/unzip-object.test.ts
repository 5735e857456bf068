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

const start = (key: string) => startUnzip(temporal, key);
const endOf = (key: string) => endOfUnzip(temporal, key);
const small = () => newArchive({ small: true });
const denied = {
  inspect: () => {
    throw final('AccessDenied');
  },
};

test('a small archive is unpacked in one step, and its end is announced', async () => {
  const { archive, inspected } = small();
  temporal.script({ inspect: () => inspected, unpackSmall: () => completed, announce: () => {} });
  assert.deepEqual(await endOf(archive.key), completed);
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall', 'announce']);
});

test('if the unpacking activity has already announced the end of the run, the run does not announce it again', async () => {
  const { archive, inspected } = small();
  temporal.script({ inspect: () => inspected, unpackSmall: () => ({ ...completed, announced: true }) });
  assert.deepEqual(await endOf(archive.key), completed);
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall']);
});

for (const outcome of ['ignored', 'superseded'] as const) {
  test(`an object that is ${outcome} is neither unpacked nor announced`, async () => {
    temporal.script({ inspect: () => ({ outcome, note: 'why' }) });
    assert.deepEqual(await endOf('zip/x.zip'), { outcome, note: 'why' });
    assert.deepEqual(temporal.names(), ['inspect']);
  });
}

for (const type of ['SourceGone', 'SourceChanged']) {
  test(`a small archive with ${type} while it is unpacked is superseded`, async () => {
    const { archive, inspected } = small();
    temporal.script({
      inspect: () => inspected,
      unpackSmall: () => {
        throw final(type);
      },
    });
    assert.deepEqual(await endOf(archive.key), { outcome: 'superseded', note: `${type} happened` });
    assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall']);
  });
}

test('a bad archive fails the run with the type and message of the failure, which are announced', async () => {
  const { archive, inspected } = small();
  temporal.script({
    inspect: () => inspected,
    unpackSmall: () => {
      throw final('NotAZip');
    },
    announce: () => {},
  });
  assert.deepEqual(await endOf(archive.key), { type: 'NotAZip', message: 'NotAZip happened' });
  const { task } = temporal.calls.at(-1) ?? assert.fail('no call');
  assert.deepEqual((task as { end: object }).end, {
    outcome: 'failed',
    error: 'NotAZip',
    message: 'NotAZip happened',
  });
});

test('a failed run ends only after the sink has accepted the completion event', async () => {
  temporal.script({
    ...denied,
    announce: (_, call) => {
      if (call === 0) throw retryable('SinkUnavailable');
    },
  });
  assert.deepEqual(await endOf('zip/x.zip'), { type: 'AccessDenied', message: 'AccessDenied happened' });
  assert.deepEqual(temporal.names(), ['inspect', 'announce', 'announce']);
});

test('a sink that rejects the completion event of a failed run does not change the failure', async () => {
  temporal.script({
    ...denied,
    announce: () => {
      throw final('SinkRejects');
    },
  });
  assert.deepEqual(await endOf('zip/x.zip'), { type: 'AccessDenied', message: 'AccessDenied happened' });
});

for (const [name, memo, hops] of [
  ['a run that no event started', undefined, 1],
  ['a run that an event without hops started', { delivery: {} }, 1],
  ['a run that an event with three hops started', { delivery: { sluicehops: 3 } }, 4],
] as const) {
  test(`the completion event of ${name} has ${hops} ${hops === 1 ? 'hop' : 'hops'}`, async () => {
    const { archive, inspected } = small();
    temporal.script({ inspect: () => inspected, unpackSmall: () => completed, announce: () => {} });
    await (await startUnzip(temporal, archive.key, memo)).result();
    const { task } = temporal.calls.at(-1) ?? assert.fail('no call');
    assert.equal((task as { hops: number }).hops, hops);
  });
}

test('a sink that rejects the completion event does not change the result', async () => {
  const { archive, inspected } = small();
  temporal.script({
    inspect: () => inspected,
    unpackSmall: () => completed,
    announce: () => {
      throw final('SinkRejects');
    },
  });
  assert.deepEqual(await endOf(archive.key), completed);
});

test('if the inspection as a local activity fails temporarily, an ordinary activity inspects the object again', async () => {
  const { archive, inspected } = small();
  temporal.script({
    inspect: (_, call) => {
      if (call === 0) throw retryable('StoreUnavailable');
      return inspected;
    },
    ...{ unpackSmall: () => completed, announce: () => {} },
  });
  assert.deepEqual(await endOf(archive.key), completed);
  assert.deepEqual(temporal.names(), ['inspect', 'inspect', 'unpackSmall', 'announce']);
});

test('if the inspection as a local activity does not end within two seconds, an ordinary activity inspects the object', async () => {
  const { archive, inspected } = small();
  let release = (): void => {};
  const never = new Promise<void>((resolve) => {
    release = resolve;
  });
  temporal.script({
    inspect: async (_, call) => {
      if (call === 0) await never;
      return inspected;
    },
    ...{ unpackSmall: () => completed, announce: () => {} },
  });
  assert.deepEqual(await endOf(archive.key), completed);
  release();
  assert.deepEqual(temporal.names(), ['inspect', 'inspect', 'unpackSmall', 'announce']);
});

test('if the inspection fails permanently, the object is not inspected again, and the run fails', async () => {
  temporal.script({ ...denied, announce: () => {} });
  assert.deepEqual(await endOf('zip/x.zip'), { type: 'AccessDenied', message: 'AccessDenied happened' });
  assert.deepEqual(temporal.names(), ['inspect', 'announce']);
});

test('a small archive that turns out to be large is unpacked in parts', async () => {
  const { archive, inspected } = small();
  temporal.script({ ...unpacking, inspect: () => inspected, unpackSmall: () => ({ outcome: 'large' }) });
  const end = await endOf(archive.key);
  assert.deepEqual(end, {
    ...completed,
    skipped: 0,
    destination: archive.destination,
    manifest: archive.manifest,
  });
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall', ...inParts, 'announce']);
});

const by = { workflowId: 'unzip:other', runId: 'r', workflow: 'unzipObject', etag: 'E1' };

test('a small archive that another run of the same version unpacks gets the result of that run', async () => {
  const { archive, inspected } = small();
  temporal.script({
    inspect: () => inspected,
    unpackSmall: () => ({ outcome: 'busy', by }),
    awaitOther: () => ({ status: 'completed', result: { ...completed, announced: true } }),
    announce: () => {},
  });
  const note = 'joined the open run of unzip:other';
  assert.deepEqual(await endOf(archive.key), { ...completed, note });
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall', 'awaitOther', 'announce']);
  assert.deepEqual(temporal.calls[2]?.task, { workflowId: by.workflowId, runId: by.runId });
});

test('if the other run of the same version fails, this run fails with the same type and message', async () => {
  const { archive, inspected } = small();
  temporal.script({
    inspect: () => inspected,
    unpackSmall: () => ({ outcome: 'busy', by }),
    awaitOther: () => ({ status: 'failed', type: 'UnsafeName', message: 'a bad name' }),
    announce: () => {},
  });
  assert.deepEqual(await endOf(archive.key), { type: 'UnsafeName', message: 'a bad name' });
});

const withoutResult: readonly (readonly [why: string, outcome: object])[] = [
  ['was cancelled', { status: 'cancelled', quiet: true }],
  ['found that its source had changed', { status: 'failed', type: 'SourceChanged', message: 'changed' }],
];
for (const [why, outcome] of withoutResult) {
  test(`if the other run of the same version ${why}, this run unpacks the archive in a child run`, async () => {
    const { archive, inspected } = small();
    temporal.script({
      ...{ ...unpacking, inspect: () => inspected, awaitOther: () => outcome },
      unpackSmall: (_, call) => (call === 0 ? { outcome: 'busy', by } : completed),
    });
    assert.deepEqual(await endOf(archive.key), completed);
    assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall', 'awaitOther', 'unpackSmall', 'announce']);
  });
}

test('a small archive does not join a run of another version: it is unpacked in a child run', async () => {
  const { archive, inspected } = small();
  temporal.script({
    ...{ ...unpacking, inspect: () => inspected },
    unpackSmall: (_, call) => (call === 0 ? { outcome: 'busy', by: { ...by, etag: 'E0' } } : completed),
  });
  assert.deepEqual(await endOf(archive.key), completed);
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall', 'unpackSmall', 'announce']);
});

test('a cancelled run is cancelled, and announces nothing', async () => {
  const { archive, inspected } = small();
  temporal.script({ inspect: () => inspected, unpackSmall: () => Context.current().cancelled });
  const run = await start(archive.key);
  await until('the archive is being unpacked', () => temporal.names().includes('unpackSmall'));
  await run.cancel();
  await assert.rejects(run.result());
  assert.equal((await run.describe()).status.name, 'CANCELLED');
  assert.deepEqual(temporal.names(), ['inspect', 'unpackSmall']);
});
