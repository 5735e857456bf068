import assert from 'node:assert/strict';
import { before, test } from 'node:test';
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

const DATE = '2026-11-23';
const subscribe = (adcode: string) =>
  createSubscription(api, { adcode, channelId, locale: 'en', text: 'original' });

/** Writes the row of a message that expired before its forecast was evaluated. */
async function storeExpired(subscriptionId: string, columns: object = {}) {
  const key = { channelId, deliveryId: `${DATE}.${subscriptionId}.0` };
  const about = { subscriptionid: subscriptionId, adcode: subscriptionId.slice(0, 6), date: DATE };
  const times = { dueat: BigInt(NOON - 3_600_000), createdat: 1n, changedat: 1n };
  const row = { ...about, ...times, status: 'expired', reason: 'late', ...columns };
  await api.store.put(deliveriesTable, key, row);
  return {
    path: `/v1/deliveries/${channelId}~${key.deliveryId}/resend`,
    columns: async () => (await api.store.get(deliveriesTable, key))?.columns ?? {},
  };
}

for (const status of ['expired', 'unknown', 'failed'])
  test(`a row that is ${status} and has no content gets it from the newest forecast of its place and day`, async () => {
    const row = await storeExpired(await subscribe('320100'), { status });
    const { status: answer, body } = await api.send('POST', row.path);
    assert.deepEqual([answer, body.status, body.until], [200, 'due', '2026-11-23T16:00:00.000Z']);
    assert.equal(api.signalled.at(-1), `wake ${channelId}`);
    const { content = '', decision = '', dueat } = await row.columns();
    const { kind, locale, provider, forecast, text } = JSON.parse(content);
    assert.deepEqual(
      [kind, locale, provider, forecast.date, forecast.dayweather],
      ['weather', 'en', 'amap', DATE, '小雨'],
    );
    assert.match(text, /小雨/);
    assert.deepEqual(JSON.parse(decision).matched, ['any[0]']);
    assert.equal(dueat, BigInt(NOON - 3_600_000), 'the message says how late it is');
  });

test('a row that has content keeps it', async () => {
  const content = JSON.stringify({ kind: 'text', title: 'a', markdown: 'b' });
  const row = await storeExpired(await subscribe('320100'), { content });
  assert.equal((await api.send('POST', row.path)).status, 200);
  assert.equal((await row.columns()).content, content);
});

test('without a forecast for the day, a resend is refused, and the row stays as it is', async () => {
  const row = await storeExpired(await subscribe('320700'));
  const before = await row.columns();
  const signalled = api.signalled.length;
  const { status, body } = await api.send('POST', row.path);
  const detail = `the delivery has no text yet, and no forecast of 320700 for ${DATE} is stored`;
  assert.deepEqual([status, body.type, body.detail], [409, '/problems/conflict', detail]);
  assert.deepEqual(await row.columns(), before);
  assert.equal(api.signalled.length, signalled, 'the sender is not told');
});

test('if the subscription is deleted, a resend is refused, and the row stays as it is', async () => {
  const id = await subscribe('320100');
  const row = await storeExpired(id);
  assert.equal((await api.send('DELETE', `/v1/subscriptions/${id}`)).status, 204);
  const before = await row.columns();
  const { status, body } = await api.send('POST', row.path);
  const detail = 'the delivery has no text yet, and its subscription is deleted';
  assert.deepEqual([status, body.detail], [409, detail]);
  assert.deepEqual(await row.columns(), before);
});
