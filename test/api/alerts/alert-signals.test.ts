import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { temporalAlertRuns } from '../../../adapters/temporal/alert-runs.ts';
import { createAlertSignals } from '../../../api/alerts/alert-signals.ts';
import { Unavailable } from '../../../domain/errors.ts';
import { startTemporal, type TestTemporal } from '../../support/temporal-server.ts';
import { until } from '../../support/until.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { NOON, startApi } from '../running-api.ts';

const t = cleanupAfterAllTests();
let temporal: TestTemporal;
let client: Client;
before(async () => {
  temporal = await startTemporal();
  t.after(() => temporal.stop());
  const store = { get: async () => undefined, getMany: async () => [] };
  client = (await startApi(t, { store, temporal: temporal.address })).client;
});

/** Each request has its own signal. */
const signal = (): AbortSignal => new AbortController().signal;

/** The names of the signals in a run's history. */
async function signalsOf(workflowId: string): Promise<(string | null | undefined)[]> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signalled }) => signalled?.signalName ?? [],
  );
}

test('a changed subscription starts the run about tomorrow, and signals it again while it is open', async () => {
  const { subscriptionChanged } = createAlertSignals(client, temporalAlertRuns(client), () => NOON);
  await subscriptionChanged('110000', signal());
  await subscriptionChanged('110000', signal());
  const id = 'alert:110000:2026-11-23';
  assert.deepEqual(await signalsOf(id), ['subscriptionChanged', 'subscriptionChanged']);
  const { type, taskQueue, typedSearchAttributes } = await client.workflow.getHandle(id).describe();
  assert.deepEqual([type, taskQueue], ['alertCity', 'alerts']);
  assert.deepEqual(
    typedSearchAttributes
      .getAll()
      .map(({ key, value }) => [key.name, value])
      .sort(),
    [
      ['City', '110000'],
      ['Phase', 'waiting'],
    ],
  );
  await until('the run is listed by its city', async () => {
    const { count } = await client.workflow.count("City = '110000'");
    return count === 1;
  });
});

test('the run about today is signalled if it is open, and is not started', async () => {
  const { subscriptionChanged } = createAlertSignals(client, temporalAlertRuns(client), () => NOON);
  const id = 'alert:310000:2026-11-22';
  await subscriptionChanged('310000', signal());
  await assert.rejects(client.workflow.getHandle(id).describe(), /not found/i);
  await client.workflow.start('alertCity', { workflowId: id, taskQueue: 'alerts' });
  await subscriptionChanged('310000', signal());
  assert.deepEqual(await signalsOf(id), ['subscriptionChanged']);
});

test('after midnight in Beijing, tomorrow is the next day', async () => {
  const { subscriptionChanged } = createAlertSignals(client, temporalAlertRuns(client), () =>
    Date.parse('2026-11-22T16:00:00Z'),
  );
  await subscriptionChanged('440100', signal());
  assert.deepEqual(await signalsOf('alert:440100:2026-11-24'), ['subscriptionChanged']);
});

test('a sender is started and woken by one id for each channel', async () => {
  const { wakeSender } = createAlertSignals(
    client,
    temporalAlertRuns(client, { clock: () => NOON }),
    () => NOON,
  );
  await wakeSender('dingtalk-1', signal());
  await wakeSender('dingtalk-1', signal());
  assert.deepEqual(await signalsOf('channel:dingtalk-1'), ['wake', 'wake']);
  const { type, typedSearchAttributes } = await client.workflow.getHandle('channel:dingtalk-1').describe();
  assert.deepEqual(
    [
      type,
      typedSearchAttributes
        .getAll()
        .map(({ key, value }) => [key.name, value])
        .sort(),
    ],
    [
      'channelSender',
      [
        ['DeliverAt', new Date(NOON)],
        ['Phase', 'sending'],
      ],
    ],
  );
});

test('without Temporal, both fail as unavailable', async (t) => {
  const store = { get: async () => undefined, getMany: async () => [] };
  const { client: lost } = await startApi(t, { store });
  const signals = createAlertSignals(lost, temporalAlertRuns(lost, { timeoutMs: 2_000 }), () => NOON);
  for (const call of [
    () => signals.subscriptionChanged('110000', signal()),
    () => signals.wakeSender('x', signal()),
  ])
    await assert.rejects(
      call,
      (error) => error instanceof Unavailable && error.type === 'TemporalUnavailable',
    );
});
