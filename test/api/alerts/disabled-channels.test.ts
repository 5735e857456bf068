import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { channelsTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { storePlace } from '../stored-weather.ts';
import { type AlertsApi, createChannel, createSubscription, startAlertsApi } from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let [working, dead] = ['', ''];
before(async () => {
  api = await startAlertsApi(t);
  working = await createChannel(api);
  dead = await createChannel(api, { locale: 'en' });
  await disable(dead);
});

/** Disables a channel as a sender does. */
async function disable(channelId: string): Promise<void> {
  const set = {
    ...{ disabledat: BigInt(Date.parse('2026-11-22T03:00:00Z')), disabledcode: '300005' },
    disabledbecause: JSON.stringify({ zh: '机器人不存在', en: 'the robot does not exist' }),
  };
  await api.store.update(channelsTable, { channelId }, { set });
}

const why = () =>
  'is disabled since 2026-11-22T03:00:00.000Z: 300005: the robot does not exist (机器人不存在); ' +
  `repair it with sluice channels change ${dead}, or with PATCH`;

/** The parts of an answer that refuses a field. */
const refusal = ({ status, body }: Awaited<ReturnType<AlertsApi['send']>>) => [
  status,
  body.type,
  ...(body.errors as { in: string; name: string; detail: string }[]).map((error) => [
    error.in,
    error.name,
    error.detail,
  ]),
];

test('a subscription to a disabled channel is refused, with the code of the vendor and its meaning', async () => {
  const detail = `channelId is "${dead}", which ${why()}`;
  const expected = [400, '/problems/invalid-parameter', ['body', 'channelId', detail]];
  const json = { adcode: '110000', channelId: dead };
  assert.deepEqual(refusal(await api.send('POST', '/v1/subscriptions', { json })), expected);
  const id = await createSubscription(api, { channelId: working });
  const change = { json: { channelId: dead, at: '06:00' } };
  assert.deepEqual(refusal(await api.send('PATCH', `/v1/subscriptions/${id}`, change)), expected);
  const { body } = await api.send('GET', `/v1/subscriptions/${id}`);
  assert.deepEqual([body.channelId, body.at], [working, '20:00'], 'a refused change stores nothing');
});

test('a disabled channel cannot become the owner of another channel', async () => {
  const detail = `ownerChannelId names a channel that ${why()}`;
  const expected = [400, '/problems/invalid-parameter', ['body', 'ownerChannelId', detail]];
  const json = {
    kind: 'dingtalk',
    url: 'https://oapi.dingtalk.com/robot/send?access_token=x',
    ownerChannelId: dead,
  };
  assert.deepEqual(refusal(await api.send('POST', '/v1/channels', { json })), expected);
  const change = { json: { ownerChannelId: dead } };
  assert.deepEqual(refusal(await api.send('PATCH', `/v1/channels/${working}`, change)), expected);
});

test('a preview says that the channel is disabled, since when and why', async () => {
  await storePlace(api.store, '320100');
  const channelId = await createChannel(api);
  const id = await createSubscription(api, { adcode: '320100', channelId, mode: 'always' });
  const preview = async () => (await api.send('GET', `/v1/subscriptions/${id}/preview`)).body;
  const { wouldSend, reason, channelDisabled } = await preview();
  assert.deepEqual([wouldSend, reason, channelDisabled], [true, 'always', undefined]);
  await disable(channelId);
  const disabled = await preview();
  assert.deepEqual([disabled.wouldSend, disabled.reason], [false, 'channel_disabled']);
  assert.deepEqual(disabled.channelDisabled, {
    ...{ at: '2026-11-22T03:00:00.000Z', code: '300005' },
    meaning: { zh: '机器人不存在', en: 'the robot does not exist' },
  });
});
