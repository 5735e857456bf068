import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AlertDeps } from '../../../activities/alerts/alert-deps.ts';
import { sendDue } from '../../../activities/alerts/send-due.ts';
import type { SendResult } from '../../../domain/channels/send-result.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../../ports/alert-tables.ts';
import type { Channel, ChannelMessage } from '../../../ports/channel.ts';
import type { EmittedEvent } from '../../../ports/event-sink.ts';
import { dayForecast } from '../../domain/alerts/day-forecast.ts';
import { startLocalStore } from '../../support/local-store.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DATE = '2026-12-01';
const { signal } = new AbortController();

/** Senders with a local Tablestore. All channels answer with `result`, or with what `faults.answer` resolves to. */
async function startSenders(
  t: TestContext,
  result: SendResult,
  faults: { openChannel?: Error; answer?: () => Promise<SendResult> } = {},
) {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  const sent: (ChannelMessage & { readonly channelId: string })[] = [];
  const woken: string[] = [];
  /** The number of rows of a channel when its sender was woken. */
  const rowsAtWake: number[] = [];
  const events: EmittedEvent[] = [];
  let time = NOW;
  const deps: AlertDeps = {
    store,
    runs: {
      async wakeSender(channelId) {
        rowsAtWake.push((await statusesOf(channelId)).length);
        woken.push(channelId);
      },
      startCity: async () => true,
    },
    events: {
      delivers: true,
      async emit(event) {
        await new Promise(setImmediate);
        events.push(event);
      },
    },
    openChannel({ channelId }) {
      if (faults.openChannel !== undefined) throw faults.openChannel;
      const send: Channel['send'] = async (message) => {
        sent.push({ ...message, channelId });
        return faults.answer?.() ?? result;
      };
      return { channel: { limits: { messageBytes: 10_000 }, send }, keyword: undefined };
    },
    createMissingTables: async () => [],
    deliveryCounter: { inc: () => {} },
    clock: () => time,
    log: { warn: () => {} },
  };
  const putChannel = (channelId: string, owner?: string) =>
    store.put(
      channelsTable,
      { channelId },
      {
        ...{ kind: 'x', name: channelId, locale: 'en', sealed: 'x', version: 1n },
        ...(owner === undefined ? {} : { ownerchannelid: owner }),
      },
    );
  const putText = (channelId: string) =>
    store.put(
      deliveriesTable,
      { channelId, deliveryId: `${DATE}.test.1` },
      {
        ...{ status: 'due', date: DATE, dueat: BigInt(NOW), until: BigInt(NOW + HOUR_MS) },
        ...{ createdat: BigInt(NOW), changedat: BigInt(NOW) },
        content: JSON.stringify({ kind: 'text', title: 't', markdown: 'm' }),
      },
    );
  /** Puts a subscription and its alert, which was due an hour ago. */
  const putAlert = async (channelId: string, subscriptionId: string, until = NOW + HOUR_MS) => {
    const adcode = '110000';
    await store.put(subscriptionsTable, { adcode, subscriptionId }, { channelid: channelId, paused: false });
    const content = {
      ...{ kind: 'weather', locale: 'zh', tz: 'Asia/Shanghai', provider: 'amap', issuedAt: NOW - HOUR_MS },
      forecast: dayForecast('2026-12-02', { dayweather: '小雨' }),
    };
    await store.put(
      deliveriesTable,
      { channelId, deliveryId: `2026-12-02.${subscriptionId}.0` },
      {
        ...{ status: 'due', date: '2026-12-02', subscriptionid: subscriptionId, adcode },
        ...{ dueat: BigInt(NOW - HOUR_MS), until: BigInt(until) },
        ...{ createdat: BigInt(NOW - HOUR_MS), changedat: BigInt(NOW - HOUR_MS) },
        ...{ content: JSON.stringify(content), decision: JSON.stringify({ matched: [], severity: 1 }) },
      },
    );
  };
  /** Changes a subscription. */
  const change = (subscriptionId: string, set: Parameters<typeof store.update>[2]['set']) =>
    store.update(subscriptionsTable, { adcode: '110000', subscriptionId }, { set: set ?? {} });
  const rowOf = async (channelId: string, subscriptionId: string) => {
    const key = { channelId, deliveryId: `2026-12-02.${subscriptionId}.0` };
    return (await store.get(deliveriesTable, key))?.columns;
  };
  const statusesOf = async (channelId: string): Promise<string[]> => {
    const statuses: string[] = [];
    for await (const { columns } of store.range(deliveriesTable, { prefix: { channelId } }))
      statuses.push(columns.status ?? '');
    return statuses;
  };
  return {
    ...{ deps, sent, woken, rowsAtWake, events, putChannel, putText, putAlert, change, rowOf, statusesOf },
    passTime: (ms: number) => {
      time += ms;
    },
    send: (channelId: string) => sendDue(deps, { channelId, now: NOW }, signal),
  };
}

test('a task that a worker takes hours later sends nothing whose time is over', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a');
  await senders.putText('a');
  senders.passTime(HOUR_MS);
  assert.deepEqual(await senders.send('a'), { sent: 0 });
  assert.deepEqual(await senders.statusesOf('a'), ['expired']);
  assert.deepEqual(senders.sent, []);
});

test('a task that a worker takes shortly before the end sends its message', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a');
  await senders.putText('a');
  senders.passTime(HOUR_MS - 10_000);
  assert.deepEqual(await senders.send('a'), { sent: 1 });
  assert.deepEqual(await senders.statusesOf('a'), ['sent']);
});

test('two broken channels that own each other get one notice, and not notices about notices', async (t) => {
  const meaning = { zh: '[点击](http://evil.example)', en: '[click](http://evil.example) **now**' };
  const senders = await startSenders(t, { kind: 'rejected', code: '7', meaning });
  await senders.putChannel('a', 'b');
  await senders.putChannel('b', 'a');
  await senders.putText('a');
  await senders.send('a');
  assert.deepEqual([senders.woken, senders.rowsAtWake], [['b'], [1]]);
  senders.passTime(1_000);
  await senders.send('b');
  assert.deepEqual(senders.woken, ['b']);
  assert.deepEqual([await senders.statusesOf('a'), await senders.statusesOf('b')], [['failed'], ['failed']]);
  assert.deepEqual(
    senders.events.map(({ type, subject }) => [type, subject]),
    [
      ['sluice.alert.failed', 'a'],
      ['sluice.alert.failed', 'b'],
    ],
  );
  const notice = senders.sent.at(-1);
  assert.equal(notice?.channelId, 'b');
  assert.match(notice?.markdown ?? '', /\\\[click\\\]/, "the vendor's text is escaped");
});

test('the rows of a channel that cannot be opened fail, and its owner is told', async (t) => {
  const openChannel = new InvalidInput('BadChannelAddress', 'url is not allowed any more');
  const senders = await startSenders(t, { kind: 'sent' }, { openChannel });
  await senders.putChannel('a', 'b');
  await senders.putChannel('b');
  await senders.putText('a');
  assert.deepEqual(await senders.send('a'), { sent: 0 });
  assert.deepEqual([await senders.statusesOf('a'), await senders.statusesOf('b')], [['failed'], ['due']]);
  assert.deepEqual(senders.woken, ['b']);
});

test('another error while a channel is opened fails the attempt, and leaves the rows as they are', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' }, { openChannel: new Error('a bug') });
  await senders.putChannel('a');
  await senders.putText('a');
  await assert.rejects(senders.send('a'), /a bug/);
  assert.deepEqual(await senders.statusesOf('a'), ['due']);
});

test('if the outcome of a message cannot be stored, the attempt fails, and the next one marks the message', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a');
  await senders.putText('a');
  const { store } = senders.deps;
  const { writeMany } = store;
  let calls = 0;
  store.writeMany = (...args: Parameters<typeof writeMany>) => {
    // The first call claims the row, the second one records the outcome.
    if (args[1].length > 0 && ++calls === 2)
      return Promise.reject(new Unavailable('StoreUnavailable', 'the store does not answer'));
    return writeMany.apply(store, args);
  };
  await assert.rejects(senders.send('a'), /does not answer/);
  assert.deepEqual(await senders.statusesOf('a'), ['claimed']);
  assert.deepEqual(senders.events, [], 'the delivery is not announced');
  assert.deepEqual(await senders.send('a'), { sent: 1 });
  const row = await store.get(deliveriesTable, { channelId: 'a', deliveryId: `${DATE}.test.1` });
  assert.deepEqual([row?.columns.status, row?.columns.maybeduplicate], ['sent', true]);
});

test('a sent alert is announced before the attempt ends', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a');
  await senders.putAlert('a', 's');
  assert.deepEqual(await senders.send('a'), { sent: 1 });
  assert.deepEqual(
    senders.events.map(({ type, subject }) => [type, subject]),
    [['sluice.alert.delivered', 'a']],
  );
});

for (const [what, set, reason] of [
  ['deleted', { deletedat: 1n }, 'cancelled'],
  ['paused', { paused: true }, 'paused'],
  ['muted beyond its due time', { muteduntil: BigInt(NOW - HOUR_MS + 1) }, 'muted'],
] as const)
  test(`an alert whose subscription was ${what} meanwhile is not sent, and the others of its message are`, async (t) => {
    const senders = await startSenders(t, { kind: 'sent' });
    await senders.putChannel('a');
    await senders.putAlert('a', 's');
    await senders.putAlert('a', 'other');
    await senders.change('s', set);
    await senders.change('other', { muteduntil: BigInt(NOW - HOUR_MS) });
    assert.deepEqual(await senders.send('a'), { sent: 1 });
    const row = await senders.rowOf('a', 's');
    assert.deepEqual([row?.status, row?.reason], ['skipped', reason]);
    assert.equal((await senders.rowOf('a', 'other'))?.status, 'sent');
    const { data } = senders.sent[0] ?? {};
    assert.deepEqual(data, { deliveries: ['2026-12-02.other.0'] });
  });

test('an alert that waits for its next attempt is not sent after its subscription was deleted', async (t) => {
  const busy = { kind: 'retryable', code: '-1', meaning: { zh: '忙', en: 'busy' } } as const;
  const senders = await startSenders(t, busy);
  await senders.putChannel('a');
  await senders.putAlert('a', 's');
  const { wakeAt = 0 } = await senders.send('a');
  assert.equal((await senders.rowOf('a', 's'))?.status, 'claimed');
  await senders.change('s', { deletedat: 1n });
  senders.passTime(wakeAt - NOW);
  assert.deepEqual(await senders.send('a'), { sent: 0 });
  const row = await senders.rowOf('a', 's');
  assert.deepEqual([row?.status, row?.reason, senders.sent.length], ['skipped', 'cancelled', 1]);
});

test('the late window of one subscription does not end the message of another one', async (t) => {
  const busy = {
    kind: 'throttled',
    code: '429',
    meaning: { zh: '忙', en: 'busy' },
    afterMs: 60_000,
  } as const;
  const senders = await startSenders(t, busy);
  await senders.putChannel('a');
  await senders.putAlert('a', 'short', NOW + 30_000);
  await senders.putAlert('a', 'long');
  await senders.send('a');
  senders.passTime(60_000);
  await senders.send('a');
  const short = await senders.rowOf('a', 'short');
  assert.deepEqual([short?.status, short?.reason], ['expired', 'late']);
  assert.equal((await senders.rowOf('a', 'long'))?.status, 'claimed');
});

test('if the notice to the owner cannot be written, the next attempt writes it', async (t) => {
  const meaning = { zh: '拒绝', en: 'rejected' };
  const senders = await startSenders(t, { kind: 'rejected', code: '7', meaning });
  await senders.putChannel('a', 'owner');
  await senders.putChannel('owner');
  await senders.putAlert('a', 's');
  const { store } = senders.deps;
  const { put } = store;
  let fails = 1;
  store.put = (...args: Parameters<typeof put>) =>
    fails-- > 0
      ? Promise.reject(new Unavailable('StoreUnavailable', 'the store does not answer'))
      : put.apply(store, args);
  await assert.rejects(senders.send('a'), /does not answer/);
  await senders.send('a');
  assert.deepEqual(await senders.statusesOf('owner'), ['due']);
  assert.equal((await senders.rowOf('a', 's'))?.status, 'failed');
});

test('an answer about an earlier address of a channel does not disable the channel', async (t) => {
  const dead = { kind: 'dead', code: '300001', meaning: { zh: '无效', en: 'dead' } } as const;
  const senders = await startSenders(
    t,
    { kind: 'sent' },
    {
      async answer() {
        await senders.deps.store.update(channelsTable, { channelId: 'a' }, { set: { sealed: 'repaired' } });
        return dead;
      },
    },
  );
  await senders.putChannel('a');
  await senders.putAlert('a', 's');
  await senders.send('a');
  const channel = await senders.deps.store.get(channelsTable, { channelId: 'a' });
  assert.deepEqual([channel?.columns.sealed, channel?.columns.disabledat], ['repaired', undefined]);
});

test('messages that were not sent in time give one event, and no message to the owner', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a', 'owner');
  await senders.putChannel('owner');
  await senders.putAlert('a', 's');
  await senders.putAlert('a', 't');
  senders.passTime(HOUR_MS);
  await senders.send('a');
  assert.deepEqual(await senders.statusesOf('a'), ['expired', 'expired']);
  assert.deepEqual(
    senders.events.map(({ type, data }) => [type, (data as { code: string }).code]),
    [['sluice.alert.failed', 'late']],
  );
  assert.deepEqual(await senders.statusesOf('owner'), []);
});

test('a repeated message without a known result becomes unknown, and is not reported as late', async (t) => {
  const senders = await startSenders(t, { kind: 'sent' });
  await senders.putChannel('a');
  await senders.putAlert('a', 's');
  const key = { channelId: 'a', deliveryId: '2026-12-02.s.0' };
  const set = { status: 'claimed', messageid: 'm', tries: 2n, maybeduplicate: true };
  await senders.deps.store.update(deliveriesTable, key, { set });
  assert.deepEqual(await senders.send('a'), { sent: 0 });
  assert.deepEqual([await senders.statusesOf('a'), senders.events], [['unknown'], []]);
});
