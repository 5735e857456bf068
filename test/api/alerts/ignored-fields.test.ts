import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { deliveriesTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { storePlace } from '../stored-weather.ts';
import { type AlertsApi, createChannel, createSubscription, startAlertsApi } from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
let subscriptionId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
  subscriptionId = await createSubscription(api, { channelId });
  await storePlace(api.store, '110000');
  api.onWake(async (id) => {
    for await (const { key } of api.store.range(deliveriesTable, { prefix: { channelId: id } }))
      await api.store.update(deliveriesTable, key, { set: { status: 'sent' } });
  });
});

/** The actions that have no fields, with the status of their answers. */
const ACTIONS = {
  pause: () => [`/v1/subscriptions/${subscriptionId}/pause`, 200],
  resume: () => [`/v1/subscriptions/${subscriptionId}/resume`, 200],
  'send-now': () => [`/v1/subscriptions/${subscriptionId}/send-now`, 202],
  test: () => [`/v1/channels/${channelId}/test`, 200],
  resend: () => [`/v1/deliveries/${channelId}~2026-11-23.x.0/resend`, 200],
} as const satisfies Record<string, () => readonly [string, number]>;

for (const [action, of] of Object.entries(ACTIONS))
  test(`${action} refuses a body with fields, and accepts none and {}`, async () => {
    const [path, done] = of();
    const failed = {
      status: 'failed',
      date: '2026-11-23',
      content: '{"kind":"text","title":"","markdown":""}',
    };
    const key = { channelId, deliveryId: '2026-11-23.x.0' };
    const headers = { 'content-type': 'application/json' };
    for (const sent of [{}, { headers }, { json: {} }]) {
      await api.store.put(deliveriesTable, key, failed);
      assert.equal((await api.send('POST', path, sent)).status, done, JSON.stringify(sent));
    }
    await api.store.put(deliveriesTable, key, failed);
    const before = await api.send('GET', `/v1/subscriptions/${subscriptionId}`);
    const signalled = api.signalled.length;
    const { status, body } = await api.send('POST', path, { json: { x: 1 } });
    const detail = '"x" is an unknown field; this path has no fields';
    assert.deepEqual([status, body.errors], [400, [{ in: 'body', name: 'x', detail }]]);
    const list = await api.send('POST', path, { json: [] });
    assert.deepEqual([list.status, list.body.detail], [400, 'the body must be absent or {}']);
    const text = { body: 'x', headers: { 'content-type': 'text/plain' } };
    assert.equal((await api.send('POST', path, text)).status, 415);
    const after = await api.send('GET', `/v1/subscriptions/${subscriptionId}`);
    assert.deepEqual([after.body, api.signalled.length], [before.body, signalled]);
  });

test('a late window with two minus signs is refused, and names the field once', async () => {
  for (const lateWindow of ['-PT-60M', 'PT-5M', '-PT60M']) {
    const detail = `lateWindow is "${lateWindow}"; allowed: an ISO 8601 duration from PT1M to PT24H`;
    const errors = [{ in: 'body', name: 'lateWindow', detail }];
    const json = { adcode: '110000', channelId, lateWindow };
    const created = await api.send('POST', '/v1/subscriptions', { json });
    assert.deepEqual([created.status, created.body.errors], [400, errors]);
    const path = `/v1/subscriptions/${subscriptionId}`;
    const changed = await api.send('PATCH', path, { json: { lateWindow } });
    assert.deepEqual([changed.status, changed.body.errors], [400, errors]);
  }
});

test('a keyword of a webhook is refused, and names the field; null and no keyword are accepted', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const webhook = { kind: 'webhook', url: 'https://hooks.example/x', secret };
  const detail = 'keyword must be left out; only a robot has one, and a webhook has none';
  const refused = [422, '/problems/channel-rejected', [{ in: 'body', name: 'keyword', detail }]];
  const created = await api.send('POST', '/v1/channels', { json: { ...webhook, keyword: '天气' } });
  assert.deepEqual([created.status, created.body.type, created.body.errors], refused);
  const id = await createChannel(api, webhook);
  const change = (json: object) => api.send('PATCH', `/v1/channels/${id}`, { json });
  const { status, body } = await change({ keyword: '天气' });
  assert.deepEqual([status, body.type, body.errors], refused);
  assert.equal((await change({ ...webhook, kind: undefined, keyword: null })).status, 200);
});
