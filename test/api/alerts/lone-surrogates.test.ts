import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import {
  type AlertsApi,
  createChannel,
  createSubscription,
  ROBOT_URL,
  startAlertsApi,
} from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
let subscriptionId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
  subscriptionId = await createSubscription(api, { channelId });
});

/** Half of a surrogate pair: `JSON.stringify` writes it as `\ud800`. */
const HALF = 'a\ud800b';

async function refusedFields(method: string, path: string, json: object): Promise<unknown> {
  const { status, body, text } = await api.send(method, path, { json });
  assert.deepEqual([status, body.type], [400, '/problems/invalid-parameter'], text);
  const errors = body.errors as { in: string; name: string; detail: string }[];
  for (const { in: place, name, detail } of errors)
    assert.deepEqual(
      [place, detail],
      ['body', `${name} has half of a surrogate pair; allowed: whole characters`],
    );
  return errors.map(({ name }) => name);
}

for (const field of ['url', 'secret', 'keyword', 'name', 'ownerChannelId', 'kind'])
  test(`half of a surrogate pair in ${field} of a channel is refused, and names the field`, async () => {
    const json = { kind: 'dingtalk', url: ROBOT_URL, [field]: HALF };
    assert.deepEqual(await refusedFields('POST', '/v1/channels', json), [field]);
    const change = { [field]: HALF };
    assert.deepEqual(await refusedFields('PATCH', `/v1/channels/${channelId}`, change), [field]);
  });

const conditions: readonly (readonly [name: string, condition: object])[] = [
  ['condition.textContains', { v: 1, textContains: HALF }],
  ['condition.any[0].textIn[1]', { v: 1, any: [{ textIn: ['雨', HALF] }] }],
];
for (const [name, condition] of conditions)
  test(`half of a surrogate pair in ${name} of a subscription is refused, and names the field`, async () => {
    const json = { adcode: '110000', channelId, condition };
    assert.deepEqual(await refusedFields('POST', '/v1/subscriptions', json), [name]);
    const path = `/v1/subscriptions/${subscriptionId}`;
    assert.deepEqual(await refusedFields('PATCH', path, { condition }), [name]);
  });

test('half of a surrogate pair in other fields of a subscription is refused, and names all of them', async () => {
  const json = { adcode: HALF, channelId: HALF, tz: HALF, at: HALF };
  assert.deepEqual(await refusedFields('POST', '/v1/subscriptions', json), Object.keys(json));
  const path = `/v1/subscriptions/${subscriptionId}/mute`;
  assert.deepEqual(await refusedFields('POST', path, { until: HALF }), ['until']);
});

test('a whole surrogate pair is stored', async () => {
  const change = await api.send('PATCH', `/v1/channels/${channelId}`, { json: { name: '☔🌧' } });
  assert.deepEqual([change.status, change.body.name], [200, '☔🌧']);
});
