import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import {
  type AlertsApi,
  CHANGER,
  READER,
  ROBOT_URL,
  startAlertsApi,
} from '../api/alerts/running-alerts-api.ts';
import { cleanupAfterAllTests } from '../api/cleanup-after-all-tests.ts';
import { storeCheck, storeDay } from '../api/stored-weather.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let sluice: Sluice;
before(async () => {
  api = await startAlertsApi(t);
  sluice = prepareSluice(() => ({
    ...{ SLUICE_API: api.url, SLUICE_API_TOKEN: CHANGER, TZ: 'Asia/Shanghai' },
  }));
});
after(() => sluice?.remove());

/** Runs a command, and returns what it printed. */
async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sluice(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}
const json = async (...args: readonly string[]) => JSON.parse(await run(...args, '--json'));

test('a person adds a channel, subscribes, looks at the preview and at the ledger, and deletes all of it', async () => {
  const added = await json('channels', 'add', 'dingtalk', '--url', ROBOT_URL, '--name', 'home');
  const id: string = added.id;
  assert.equal(await run('channels'), `${id}  dingtalk  home  https://oapi.dingtalk.com/…\n`);

  const at = ['--at', '21:00', '--days', '1,2', '--quiet', '22:00-07:00', '--no-correction'];
  const subscription = await json('subscribe', 'hangzhou', '--channel', id, ...at);
  assert.deepEqual(
    [subscription.adcode, subscription.channelId, subscription.at, subscription.days],
    ['330100', id, '21:00', [1, 2]],
  );
  assert.deepEqual([subscription.correction, subscription.quiet.to], [false, '07:00']);
  assert.match(
    await run('subscriptions'),
    /^330100-\S+ {2}浙江省 · 杭州市 \(330100\) {2}21:00 Asia\/Shanghai {2}rain or snow, days 1,2 {2}channel /,
  );

  // The api's clock shows Sunday, 2026-11-22.
  await storeDay(api.store, '330100', '2026-11-23');
  await storeCheck(api.store, '330100');
  const preview = await run('preview', subscription.id);
  assert.match(
    preview,
    /^浙江省 · 杭州市 \(330100\), 2026-11-23, due 2026-11-22 21:00 \+08:00: a message would/,
  );
  assert.match(preview, /^ {2}true {4}any\[0\] {2}2026-11-23 dayweather 小雨/m);

  await run('subscriptions', 'pause', subscription.id);
  assert.match(
    await run('preview', subscription.id),
    /: nothing would be sent: the subscription is paused$/m,
  );
  await run('subscriptions', 'resume', subscription.id);
  assert.match(await run('mute', subscription.id, '--until', '2026-11-25'), /until 2026-11-25 00:00 \+08:00/);
  assert.match(await run('subscriptions'), / muted until 2026-11-25 00:00 \+08:00$/m);

  const deliveryId = `2026-11-23.${subscription.id}.0`;
  await api.store.put(
    deliveriesTable,
    { channelId: id, deliveryId },
    {
      ...{ status: 'failed', subscriptionid: subscription.id, adcode: '330100', date: '2026-11-23' },
      ...{ code: '300005', meaning: '{"zh":"机器人不存在","en":"the robot does not exist"}', tries: 2n },
      ...{
        dueat: BigInt(Date.parse('2026-11-22T13:00:00Z')),
        until: BigInt(Date.parse('2026-11-22T16:00:00Z')),
      },
      content: JSON.stringify({ kind: 'text', title: 't', markdown: 'm' }),
    },
  );
  const ledger = await run('deliveries', '--subscription', subscription.id, '--status', 'failed');
  assert.equal(
    ledger,
    `2026-11-22 21:00 +08:00  failed  alert  浙江省 · 杭州市 (330100)  2026-11-23  ${id}~${deliveryId}  ` +
      '300005: the robot does not exist (机器人不存在), 2 attempts\n',
  );
  assert.match(
    await run('deliveries', 'resend', `${id}~${deliveryId}`),
    new RegExp(`^${id}~${deliveryId} {2}due$`, 'm'),
  );

  const used = await sluice(['channels', 'delete', id]);
  assert.equal(used.code, 1, 'a channel with subscriptions stays');
  await run('subscriptions', 'delete', subscription.id);
  await run('channels', 'delete', id);
  assert.match(await run('channels'), /^there is no channel/);
});

test('the options of the replaced service make one channel for one robot', async () => {
  const original = (date: string) => [
    ...['subscribe', '--adcode', '110000', '--date', date, '--dayweather', '雨', '--dingtalkurl', ROBOT_URL],
  ];
  const first = await json(...original('2026-11-24'));
  const second = await json(...original('2026-11-25'));
  assert.equal(second.channelId, first.channelId);
  assert.deepEqual(second.condition, { v: 1, textContains: '雨', when: 'day' });
  assert.deepEqual([second.date, second.mode, second.correction], ['2026-11-25', 'alert', false]);
});

test('what the api refuses is printed, and a token that may only read changes nothing', async () => {
  const refused = await sluice([
    'channels',
    'add',
    'dingtalk',
    '--url',
    'https://oapi.dingtalk.com.evil.example/x?access_token=s',
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^sluice channels: url /);
  assert.doesNotMatch(refused.stderr, /access_token/);
  const wrong = await sluice([
    'subscribe',
    '北京',
    '--channel',
    'nobody',
    '--at',
    '25:00',
    '--tz',
    'Mars/Base',
  ]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /at is "25:00"; allowed: .*; tz is "Mars\/Base"; .*; channelId /);
  const read = await sluice(['channels', 'delete', 'x'], { env: { SLUICE_API_TOKEN: READER } });
  assert.deepEqual(
    [read.code, read.stderr],
    [1, 'sluice channels: a token of SLUICE_API_READ_TOKENS may only read\n'],
  );
});
