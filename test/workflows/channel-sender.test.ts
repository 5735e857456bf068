import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { temporalAlertRuns } from '../../adapters/temporal/alert-runs.ts';
import { type ScriptedActivities, startScriptedActivities } from '../support/scripted-activities.ts';
import { runCost } from '../support/temporal-actions.ts';
import { until } from '../support/until.ts';

let temporal: ScriptedActivities;
before(async () => {
  temporal = await startScriptedActivities(['sendDue'], ['alerts']);
});
after(() => temporal.stop());

/** The time between two instants of a test, in ms. Enough to send a signal in between. */
const STEP_MS = 1_500;
/** An instant that no test waits for. */
const FAR_MS = 3_600_000;

interface SentPart {
  readonly sent: number;
  readonly wakeAt?: number;
}

/** Scripts the results of the calls of `sendDue`, one after the other. */
function scriptCalls(...results: (() => SentPart | Promise<SentPart>)[]): void {
  let at = 0;
  temporal.script({ sendDue: () => results[at++]?.() ?? assert.fail(`call ${at} was not expected`) });
}

/** When `sendDue` was called, in epoch ms. */
const callTimes = (): number[] => temporal.calls.map(({ task }) => (task as { readonly now: number }).now);

function newSender() {
  const channelId = randomUUID();
  const runs = temporalAlertRuns(temporal.client);
  const run: WorkflowHandle = temporal.client.workflow.getHandle(`channel:${channelId}`);
  return {
    run,
    wake: (at: number): Promise<void> => runs.wakeSender(channelId, at, new AbortController().signal),
  };
}

/** Waits until a sender waits for the next message. */
const waits = (run: WorkflowHandle): Promise<unknown> =>
  until('the sender waits', async () => {
    const { phase } = await run.query<{ phase: string }>('progress');
    return phase === 'waiting';
  });

test('a waiting sender that is woken for an earlier instant sends at this instant, not before', async () => {
  const { run, wake } = newSender();
  const began = Date.now();
  scriptCalls(
    () => ({ sent: 1, wakeAt: began + FAR_MS }),
    () => ({ sent: 1 }),
  );
  await wake(began);
  await waits(run);
  const earlier = Date.now() + STEP_MS;
  await wake(earlier);
  assert.deepEqual(await run.result(), { sent: 2 });
  const [, second = 0] = callTimes();
  assert.ok(second >= earlier, `${earlier - second} ms too early`);
  const { actions } = await runCost(temporal.client, run.workflowId);
  assert.equal(actions, 1 + 2 + 2 + 2, 'one start, two signals, two calls, two timers');
});

test('a waiting sender that is woken for a later instant keeps its timer', async () => {
  const { run, wake } = newSender();
  const next = Date.now() + 2 * STEP_MS;
  scriptCalls(
    () => ({ sent: 1, wakeAt: next }),
    () => ({ sent: 1 }),
  );
  await wake(Date.now());
  await waits(run);
  await wake(next + FAR_MS);
  assert.deepEqual(await run.result(), { sent: 2 });
  const [, second = 0] = callTimes();
  assert.ok(second >= next, `${next - second} ms too early`);
  assert.equal((await runCost(temporal.client, run.workflowId)).actions, 1 + 2 + 2 + 1);
});

test('a sender whose start is delayed begins at the earliest instant that it is woken for', async () => {
  const { run, wake } = newSender();
  scriptCalls(() => ({ sent: 2 }));
  const first = Date.now() + STEP_MS;
  await wake(first + FAR_MS);
  await wake(first);
  assert.deepEqual(await run.result(), { sent: 2 });
  const [only = 0] = callTimes();
  assert.ok(only >= first, `${first - only} ms too early`);
  assert.equal((await runCost(temporal.client, run.workflowId)).actions, 1 + 2 + 1 + 1);
});

test('a sender that is woken for a later instant while it sends looks again at this instant', async () => {
  const { run, wake } = newSender();
  let later = 0;
  scriptCalls(
    async () => {
      later = Date.now() + STEP_MS;
      await wake(later);
      return { sent: 0 };
    },
    () => ({ sent: 1 }),
  );
  await wake(Date.now());
  assert.deepEqual(await run.result(), { sent: 1 });
  const [, second = 0] = callTimes();
  assert.ok(second >= later, `${later - second} ms too early`);
});

for (const [name, argument] of [
  ['without an instant', []],
  ['with a text instead of an instant', ['tomorrow']],
  ['with an instant in the past', [1]],
] as const)
  test(`a signal ${name} makes a waiting sender look at once`, async () => {
    const { run, wake } = newSender();
    scriptCalls(
      () => ({ sent: 0, wakeAt: Date.now() + FAR_MS }),
      () => ({ sent: 1 }),
    );
    await wake(Date.now());
    await waits(run);
    await run.signal('wake', ...argument);
    assert.deepEqual(await run.result(), { sent: 1 });
  });

test('a sender with nothing left ends after one call', async () => {
  const { run, wake } = newSender();
  scriptCalls(() => ({ sent: 1 }));
  await wake(Date.now());
  assert.deepEqual(await run.result(), { sent: 1 });
  assert.equal((await runCost(temporal.client, run.workflowId)).actions, 3);
});
