import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AlertDeps } from '../../../activities/alerts/alert-deps.ts';
import { sendDue } from '../../../activities/alerts/send-due.ts';
import type { SendResult } from '../../../domain/channels/send-result.ts';
import { channelsTable, deliveriesTable } from '../../../ports/alert-tables.ts';
import type { ChannelMessage } from '../../../ports/channel.ts';
import type { EmittedEvent } from '../../../ports/event-sink.ts';
import { startLocalStore } from '../../support/local-store.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DATE = '2026-12-01';
const { signal } = new AbortController();

/** Senders with a local Tablestore. All channels answer with `result`. */
async function startSenders(t: TestContext, result: SendResult) {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  const sent: (ChannelMessage & { readonly channelId: string })[] = [];
  const woken: string[] = [];
  const events: EmittedEvent[] = [];
  let time = NOW;
  const deps: AlertDeps = {
    store,
    runs: { wakeSender: async (channelId) => void woken.push(channelId), startCity: async () => true },
    events: { delivers: true, emit: async (event) => void events.push(event) },
    openChannel: ({ channelId }) => ({
      channel: {
        limits: { messageBytes: 10_000 },
        send: async (message) => {
          sent.push({ ...message, channelId });
          return result;
        },
      },
      keyword: undefined,
    }),
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
  const statusesOf = async (channelId: string): Promise<string[]> => {
    const statuses: string[] = [];
    for await (const { columns } of store.range(deliveriesTable, { prefix: { channelId } }))
      statuses.push(columns.status ?? '');
    return statuses;
  };
  return {
    ...{ sent, woken, events, putChannel, putText, statusesOf },
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
  assert.deepEqual(senders.woken, ['b']);
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
