import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { temporalRunControl } from '../../../adapters/temporal/run-control.ts';
import { Unavailable } from '../../../domain/errors.ts';
import type { RunControl } from '../../../ports/run-control.ts';
import { freePort } from '../../support/free-port.ts';
import {
  final,
  type ScriptedActivities,
  startScriptedActivities,
} from '../../support/scripted-activities.ts';
import { newArchive, unpacking, unzipActivityNames } from '../../support/scripted-unzip.ts';
import { until } from '../../support/until.ts';

const { signal } = new AbortController();
let temporal: ScriptedActivities;
let runs: RunControl;
before(async () => {
  temporal = await startScriptedActivities(unzipActivityNames, ['unzip', 'scratch']);
  runs = temporalRunControl(temporal.client);
});
after(() => temporal.stop());

const waiting = {
  ...unpacking,
  async plan() {
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat(), 500);
    await context.cancelled.finally(() => clearInterval(beating));
  },
};

/** Starts a run of `unzipArchive`, whose activities do what `scripts` says. */
async function start(
  scripts: Parameters<ScriptedActivities['script']>[0],
  { workflowId = randomUUID(), memo = {} }: { workflowId?: string; memo?: Record<string, unknown> } = {},
) {
  temporal.script(scripts);
  const args = [{ archive: newArchive({ small: false }).archive, event: null }];
  const run = await temporal.client.workflow.start('unzipArchive', {
    ...{ taskQueue: 'unzip', workflowId, args, memo },
  });
  return { run, workflowId, runId: run.firstExecutionRunId };
}

/** Starts a run that waits in its first activity. */
async function startWaiting(options: Parameters<typeof start>[1] = {}) {
  const started = await start(waiting, options);
  await until('the run is planning', () => temporal.names().includes('plan'));
  return started;
}

test('an unknown run is not found', async () => {
  assert.equal(await runs.find(randomUUID(), signal), undefined);
});

test('an open run is found with the key and the version in its memo, and has no outcome', async () => {
  const { run, workflowId, runId } = await startWaiting({ memo: { key: 'zip/a.zip', etag: 'E1' } });
  assert.deepEqual(await runs.find(workflowId, signal), { runId, open: true, key: 'zip/a.zip', etag: 'E1' });
  assert.equal(await runs.outcome(workflowId, runId, signal), undefined);
  await run.terminate();
});

test('a run whose memo has no text for key and version is found without them', async () => {
  const { run, workflowId } = await startWaiting({ memo: { key: 5 } });
  const { key, etag } = (await runs.find(workflowId, signal)) ?? { key: '', etag: '' };
  assert.deepEqual([key, etag], [undefined, undefined]);
  await run.terminate();
});

test('a completed run is closed, and its outcome has its result', async () => {
  const { run, workflowId, runId } = await start(unpacking);
  const result = await run.result();
  assert.equal((await runs.find(workflowId, signal))?.open, false);
  assert.deepEqual(await runs.outcome(workflowId, runId, signal), { status: 'completed', result });
});

test('the outcome of a failed run has the type and message of the innermost failure', async () => {
  const { workflowId, runId } = await start({
    ...unpacking,
    plan() {
      throw final('NotAZip');
    },
  });
  const outcome = await until('the run has ended', () => runs.outcome(workflowId, runId, signal));
  assert.deepEqual(outcome, { status: 'failed', type: 'NotAZip', message: 'NotAZip happened' });
});

test('a terminated run has failed', async () => {
  const { run, workflowId, runId } = await startWaiting();
  await run.terminate('by hand');
  const outcome = await until('the run has ended', () => runs.outcome(workflowId, runId, signal));
  assert.deepEqual(outcome, { status: 'failed', type: 'TerminatedFailure', message: 'by hand' });
});

test('if a run is cancelled in its plan step, its outcome says that none of its writes is in flight', async () => {
  const { workflowId, runId } = await startWaiting();
  await runs.cancel(workflowId, runId, signal);
  const outcome = await until('the run has ended', () => runs.outcome(workflowId, runId, signal));
  assert.deepEqual(outcome, { status: 'cancelled', quiet: true });
});

test('the outcome of an earlier run does not depend on a later open run with the same id', async () => {
  const { run, workflowId, runId } = await start(unpacking);
  await run.result();
  const later = await startWaiting({ workflowId });
  assert.equal((await runs.outcome(workflowId, runId, signal))?.status, 'completed');
  assert.equal(await runs.outcome(workflowId, later.runId, signal), undefined);
  await later.run.terminate();
});

test('cancelling an ended run, or an unknown one, does nothing, also if a later run with the same id is open', async () => {
  const { run, workflowId, runId } = await start(unpacking);
  await run.result();
  await runs.cancel(workflowId, runId, signal);
  await runs.cancel(randomUUID(), randomUUID(), signal);
  const later = await startWaiting({ workflowId });
  await runs.cancel(workflowId, runId, signal);
  const { events } = await later.run.fetchHistory();
  assert.ok(!events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes));
  await later.run.terminate();
});

test('the outcome of an unknown run is that it was cancelled, perhaps with writes in flight', async () => {
  const outcome = await runs.outcome(randomUUID(), randomUUID(), signal);
  assert.deepEqual(outcome, { status: 'cancelled', quiet: false });
});

test('an aborted signal ends a call with its reason', async () => {
  const reason = new Error('the worker stops');
  const aborted = AbortSignal.abort(reason);
  const { workflowId } = await start(unpacking);
  const calls = [
    () => runs.find(workflowId, aborted),
    () => runs.outcome(workflowId, randomUUID(), aborted),
    () => runs.cancel(workflowId, randomUUID(), aborted),
  ];
  for (const call of calls) await assert.rejects(call, (error) => error === reason);
});

test('if Temporal cannot be reached, each call fails as TemporalUnavailable, which is retried', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  const unreachable = temporalRunControl(new Client({ connection }), 500);
  for (const call of [
    () => unreachable.find('w', signal),
    () => unreachable.outcome('w', 'r', signal),
    () => unreachable.cancel('w', 'r', signal),
  ])
    await assert.rejects(
      call,
      (error) => error instanceof Unavailable && error.type === 'TemporalUnavailable',
    );
  await connection.close();
});
