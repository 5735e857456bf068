import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { deliveriesTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { NOON } from '../running-api.ts';
import { storePlace } from '../stored-weather.ts';
import { type AlertsApi, createChannel, createSubscription, startAlertsApi } from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
  await storePlace(api.store, '320100');
});
beforeEach(() => api.setTime(NOON));

const TOMORROW = '2026-11-23';
const DAY_AFTER = '2026-11-24';
const beijing = (time: string): number => Date.parse(`${time}:00+08:00`);
const subscribe = (fields: object = {}) =>
  createSubscription(api, { adcode: '320100', channelId, mode: 'always', ...fields });

async function preview(id: string) {
  const { status, body, text } = await api.send('GET', `/v1/subscriptions/${id}/preview`);
  assert.equal(status, 200, text);
  return body;
}
const dayOf = async (id: string) => {
  const { date, wouldSend, reason } = await preview(id);
  return [date, wouldSend, reason];
};

/** Writes the row of a day as a run does. */
const storeDelivery = (id: string, status: string, date = TOMORROW) =>
  api.store.put(
    deliveriesTable,
    { channelId, deliveryId: `${date}.${id}.0` },
    { status, date, subscriptionid: id, adcode: '320100', createdat: 1n, changedat: 1n },
  );

test('the preview of a subscription that was created after its due time is about the day after tomorrow', async () => {
  api.setTime(beijing('2026-11-22T20:30'));
  const id = await subscribe();
  const { dueAt } = await preview(id);
  assert.deepEqual(await dayOf(id), [DAY_AFTER, true, 'always']);
  assert.equal(dueAt, '2026-11-23T12:00:00.000Z');
  const sent = await api.send('POST', `/v1/subscriptions/${id}/send-now`);
  assert.deepEqual([sent.status, sent.body.date], [202, DAY_AFTER]);
});

test('a subscription that got its channel after the due time is as new as this channel', async () => {
  const id = await subscribe();
  api.setTime(beijing('2026-11-22T20:30'));
  assert.deepEqual(await dayOf(id), [TOMORROW, true, 'always']);
  const json = { channelId: await createChannel(api) };
  assert.equal((await api.send('PATCH', `/v1/subscriptions/${id}`, { json })).status, 200);
  assert.deepEqual(await dayOf(id), [DAY_AFTER, true, 'always']);
});

test('after the due time, a preview without a row is about tomorrow until the late window ends', async () => {
  const id = await subscribe({ at: '19:00' });
  for (const [time, date] of [
    ['2026-11-22T19:00', TOMORROW],
    ['2026-11-22T21:59', TOMORROW],
    ['2026-11-22T22:00', DAY_AFTER],
    ['2026-11-22T23:59', DAY_AFTER],
    ['2026-11-23T00:00', DAY_AFTER],
  ] as const) {
    api.setTime(beijing(time));
    assert.deepEqual([time, (await preview(id)).date], [time, date]);
  }
});

test('after the due time, a preview is about tomorrow only if a message about it was sent or waits', async () => {
  for (const [status, date] of [
    ['due', TOMORROW],
    ['claimed', TOMORROW],
    ['sent', TOMORROW],
    ['unknown', TOMORROW],
    ['skipped', DAY_AFTER],
    ['expired', DAY_AFTER],
    ['no_data', DAY_AFTER],
    ['failed', DAY_AFTER],
  ] as const) {
    api.setTime(NOON);
    const id = await subscribe();
    api.setTime(beijing('2026-11-22T20:30'));
    await storeDelivery(id, status);
    assert.deepEqual([status, (await preview(id)).date], [status, date]);
  }
});

test('when the only day of a subscription has begun, nothing would be sent, and send-now is refused', async () => {
  const id = await subscribe({ date: TOMORROW });
  assert.deepEqual(await dayOf(id), [TOMORROW, true, 'always']);
  await storeDelivery(id, 'sent');
  for (const time of ['2026-11-23T00:00', '2026-11-25T12:00']) {
    api.setTime(beijing(time));
    assert.deepEqual(await dayOf(id), [TOMORROW, false, 'over']);
    const { status, body } = await api.send('POST', `/v1/subscriptions/${id}/send-now`);
    const detail = `the subscription is only for ${TOMORROW}; messages about a day are sent only before the day begins`;
    assert.deepEqual([status, body.type, body.detail], [409, '/problems/conflict', detail]);
  }
});

test('when the late window of the only day is over, nothing would be sent, but send-now works until midnight', async () => {
  const id = await subscribe({ date: TOMORROW });
  api.setTime(beijing('2026-11-22T23:30'));
  await storeDelivery(id, 'expired');
  assert.deepEqual(await dayOf(id), [TOMORROW, false, 'over']);
  const { status, body } = await api.send('POST', `/v1/subscriptions/${id}/send-now`);
  assert.deepEqual(
    [status, body.date, body.until],
    [202, TOMORROW, new Date(beijing('2026-11-23T00:00')).toISOString()],
  );
});
