import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  nextAllowedAt,
  readSendLimit,
  recordAttempt,
  recordBlock,
} from '../../../activities/alerts/send-limit.ts';
import { channelsTable } from '../../../ports/alert-tables.ts';
import { startLocalStore } from '../../support/local-store.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const { signal } = new AbortController();

/** Two channels; both have the receiver `robot`, if it is given. */
async function startChannels(t: TestContext, receiverId?: string) {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  for (const channelId of ['a', 'b'])
    await store.put(channelsTable, { channelId }, { kind: 'x', sealed: 's' });
  const channel = {
    limits: { messageBytes: 1_000 },
    send: () => assert.fail('nothing is sent'),
    ...(receiverId === undefined ? {} : { receiverId }),
  };
  return {
    store,
    limitOf: (channelId: string) =>
      readSendLimit(store, { channelId, kind: 'x' }, { channel, keyword: undefined }, signal),
  };
}

test('two senders of one receiver that read the same limit take one slot, at the first message and later', async (t) => {
  const { store, limitOf } = await startChannels(t, 'robot');
  for (const count of [1, 2]) {
    const limits = [await limitOf('a'), await limitOf('b')];
    const taken = await Promise.all(
      limits.map((limit) => recordAttempt(store, limit, 18, NOW + count, signal)),
    );
    assert.deepEqual(taken.sort(), [false, true]);
    assert.equal((await limitOf('a')).attempts.length, count);
  }
});

test('a block that was recorded after the limit was read refuses the slot, and is seen by all channels', async (t) => {
  const { store, limitOf } = await startChannels(t, 'robot');
  assert.equal(await recordAttempt(store, await limitOf('a'), 18, NOW, signal), true);
  const before = await limitOf('b');
  await recordBlock(store, { rowId: before.rowId, channelId: 'a' }, NOW + 600_000, signal);
  assert.equal(await recordAttempt(store, before, 18, NOW + 1, signal), false);
  const after = await limitOf('b');
  assert.equal(nextAllowedAt(after, 18, NOW + 1), NOW + 600_000);
  assert.equal(await recordAttempt(store, after, 18, NOW + 600_000, signal), true);
  assert.equal(
    (await store.get(channelsTable, { channelId: 'a' }))?.columns.blockeduntil,
    BigInt(NOW + 600_000),
  );
});

test('channels without a common receiver have limits of their own', async (t) => {
  const { store, limitOf } = await startChannels(t);
  assert.equal(await recordAttempt(store, await limitOf('a'), 1, NOW, signal), true);
  assert.equal(nextAllowedAt(await limitOf('a'), 1, NOW), NOW + 61_000);
  assert.equal(nextAllowedAt(await limitOf('b'), 1, NOW), NOW);
});

test('a deleted channel gets no slot and no row', async (t) => {
  const { store, limitOf } = await startChannels(t);
  const limit = await limitOf('a');
  await store.delete(channelsTable, { channelId: 'a' });
  assert.equal(await recordAttempt(store, limit, 18, NOW, signal), false);
  await recordBlock(store, { rowId: 'a', channelId: 'a' }, NOW, signal);
  assert.equal(await store.get(channelsTable, { channelId: 'a' }), undefined);
});
