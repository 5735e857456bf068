import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AlertApi, startAlertApi } from './alert-api.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

let api: AlertApi;
let sluice: Sluice;
before(async () => {
  api = await startAlertApi();
  sluice = prepareSluice(() => ({ SLUICE_API: api.url, TZ: 'Asia/Shanghai' }));
});
after(async () => {
  sluice?.remove();
  await api?.close();
});

const ID = '110105-01JDSUBSCRIPTION0000000000';
const subscription = {
  ...{ id: ID, adcode: '110105', channelId: '01CH', at: '20:00', tz: 'Asia/Shanghai' },
  ...{ condition: { v: 1, cat: 'snow' }, mode: 'alert', paused: false, mutedUntil: null },
};
const target = () => `the api at ${api.url} (from SLUICE_API)`;

test('lists subscriptions with their places, conditions and states', async () => {
  const second = {
    ...{ ...subscription, id: '650100-01JDSUBSCRIPTION0000000000', adcode: '650100' },
    ...{ mode: 'always', days: [1, 2], paused: true, mutedUntil: '2026-12-05T00:00:00+08:00' },
  };
  api.answer({ 'GET /v1/subscriptions?limit=100': { items: [subscription, second], next: null } });
  const { code, stdout } = await sluice(['subscriptions']);
  assert.equal(code, 0);
  const zone = '20:00 Asia/Shanghai';
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split(/ {2,}/)),
    [
      [ID, '北京市 · 朝阳区 (110105)', zone, '{"v":1,"cat":"snow"}', 'channel 01CH'],
      [
        ...[second.id, '新疆维吾尔自治区 · 乌鲁木齐市 (650100)', zone, 'always, days 1,2'],
        ...['channel 01CH', 'paused, muted until 2026-12-05 00:00 +08:00'],
      ],
      [''],
    ],
  );
  const json = await sluice(['subscriptions', '--json']);
  assert.deepEqual(JSON.parse(json.stdout), [subscription, second]);
});

test('pauses, resumes and deletes, and names subscription and api first', async () => {
  api.answer({
    [`POST /v1/subscriptions/${ID}/pause`]: { ...subscription, paused: true },
    [`POST /v1/subscriptions/${ID}/resume`]: subscription,
    [`DELETE /v1/subscriptions/${ID}`]: undefined,
  });
  const line = `${ID}  北京市 · 朝阳区 (110105)  20:00 Asia/Shanghai  {"v":1,"cat":"snow"}  channel 01CH`;
  for (const [verb, first, second] of [
    ['pause', 'pauses', `${line}  paused`],
    ['resume', 'resumes', line],
    ['delete', 'deletes', 'deleted'],
  ] as const) {
    const { code, stdout } = await sluice(['subscriptions', verb, ID]);
    assert.deepEqual([code, stdout], [0, `${first} subscription ${ID} through ${target()}\n${second}\n`]);
  }
  const keys = api.requests.map(({ headers }) => headers['idempotency-key']);
  assert.ok(keys[0] !== undefined && keys[1] !== undefined && keys[0] !== keys[1]);
});

test('mutes until an instant; a day begins in the time zone of the subscription', async () => {
  api.answer({
    [`GET /v1/subscriptions/${ID}`]: { ...subscription, tz: 'Asia/Urumqi' },
    [`POST /v1/subscriptions/${ID}/mute`]: { ...subscription, mutedUntil: '2026-12-05T02:00:00+08:00' },
  });
  const { code, stdout } = await sluice(['mute', ID, '--until', '2026-12-05']);
  const until = '2026-12-04T18:00:00.000Z';
  assert.deepEqual(
    [code, stdout],
    [0, `mutes subscription ${ID} until 2026-12-05 02:00 +08:00 through ${target()}\nmuted\n`],
  );
  assert.deepEqual(api.requests[1]?.body, { until });
});

test('previews the decision, the values that decided, and the text', async () => {
  const preview = {
    ...{ date: '2026-12-02', dueAt: '2026-12-01T20:00:00+08:00', wouldSend: true, reason: 'match' },
    ...{ forecast: {}, holidayData: 'known' },
    clauses: [
      {
        ...{ id: 'any[0]', clause: { cat: 'rain' }, result: true, severity: 1 },
        decidedBy: [{ date: '2026-12-02', field: 'dayweather', text: '小雨' }],
      },
      {
        ...{ id: 'any[1]', clause: { tMinBelow: 0 }, result: 'unknown', severity: 0 },
        decidedBy: [{ date: '2026-12-02', field: 'nighttemp', text: '' }],
      },
    ],
    text: { title: '明天有雨', markdown: '### 明天\n**北京** 小雨' },
  };
  api.answer({ [`GET /v1/subscriptions/${ID}/preview`]: preview });
  const { code, stdout } = await sluice(['preview', ID]);
  assert.deepEqual(
    [code, stdout.split('\n')],
    [
      0,
      [
        '北京市 · 朝阳区 (110105), 2026-12-02, due 2026-12-01 20:00 +08:00: a message would be sent: the condition is true',
        '  true    any[0]  2026-12-02 dayweather 小雨',
        '  unknown any[1]  2026-12-02 nighttemp missing',
        ...['', '明天有雨', '', '  ### 明天', '  **北京** 小雨', ''],
      ],
    ],
  );
  api.answer({
    [`GET /v1/subscriptions/${ID}/preview`]: {
      ...{ ...preview, wouldSend: false, reason: 'paused', clauses: [], text: null },
      ...{ holidayData: 'unknown', staleSince: '2026-12-01T00:03:00Z' },
    },
  });
  const silent = await sluice(['preview', ID]);
  assert.deepEqual(
    [silent.code, silent.stdout],
    [
      0,
      '北京市 · 朝阳区 (110105), 2026-12-02, due 2026-12-01 20:00 +08:00: nothing would be sent: the subscription is paused\n' +
        '  the forecast is old: it was fetched at 2026-12-01 08:03 +08:00\n' +
        '  the public holidays of 2026 are not known yet\n',
    ],
  );
  api.answer({
    [`GET /v1/subscriptions/${ID}/preview`]: {
      ...{ ...preview, wouldSend: false, reason: 'channel_disabled', clauses: [], text: null },
      channelDisabled: {
        ...{ at: '2026-12-01T00:03:00Z', code: '300005' },
        meaning: { zh: '机器人不存在', en: 'the robot does not exist' },
      },
    },
  });
  const disabled = await sluice(['preview', ID]);
  assert.equal(
    disabled.stdout,
    '北京市 · 朝阳区 (110105), 2026-12-02, due 2026-12-01 20:00 +08:00: nothing would be sent: its channel is disabled\n' +
      '  disabled since 2026-12-01 08:03 +08:00: 300005: the robot does not exist (机器人不存在)\n',
  );
});

const delivery = {
  ...{
    id: `01CH~2026-12-02.${ID}.0`,
    kind: 'alert',
    channelId: '01CH',
    subscriptionId: ID,
    adcode: '110105',
  },
  ...{ date: '2026-12-02', status: 'sent', dueAt: '2026-12-01T12:00:00Z', tries: 1, maybeDuplicate: false },
  ...{ reason: null, code: null, meaning: null, sentAt: null },
};

test('lists deliveries with the reasons, the lateness and the attempts', async () => {
  const late = { ...delivery, sentAt: '2026-12-01T13:30:00Z', tries: 2, maybeDuplicate: true };
  const skipped = { ...delivery, status: 'skipped', reason: 'no_match' };
  const meaning = { zh: '机器人不存在', en: 'the robot does not exist' };
  const failed = { ...delivery, status: 'failed', code: '300005', meaning, adcode: null, date: null };
  const query = 'subscription=S&channel=01CH&status=failed&from=2026-12-01';
  api.answer({
    [`GET /v1/deliveries?${query}&limit=100`]: { items: [late, skipped], next: 'n' },
    [`GET /v1/deliveries?${query}&limit=100&cursor=n`]: { items: [failed], next: null },
  });
  const args = ['deliveries', '--subscription', 'S', '--channel', '01CH', '--status', 'failed'];
  const { code, stdout } = await sluice([...args, '--from', '2026-12-01']);
  assert.equal(code, 0);
  const place = '北京市 · 朝阳区 (110105)';
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split(/ {2,}/)),
    [
      [
        ...['2026-12-01 20:00 +08:00', 'sent', 'alert', place, '2026-12-02', late.id],
        '90 min late, 2 attempts, may have arrived twice',
      ],
      ['2026-12-01 20:00 +08:00', 'skipped', 'alert', place, '2026-12-02', late.id, 'no_match'],
      [
        ...['2026-12-01 20:00 +08:00', 'failed', 'alert', late.id],
        '300005: the robot does not exist (机器人不存在)',
      ],
      [''],
    ],
  );
  const json = await sluice([...args, '--from', '2026-12-01', '--json', '--limit', '1']);
  assert.deepEqual(JSON.parse(json.stdout), [late]);
  assert.equal(json.stderr, 'these are the newest 1 of 3 deliveries; --limit shows more\n');
});

test('sends a delivery again', async () => {
  const { id: deliveryId } = delivery;
  const answer = { ...delivery, status: 'due' };
  api.answer({ [`POST /v1/deliveries/${deliveryId}/resend`]: answer });
  const { code, stdout } = await sluice(['deliveries', 'resend', deliveryId]);
  assert.deepEqual(
    [code, stdout],
    [0, `sends delivery ${deliveryId} again through ${target()}\n${deliveryId}  due\n`],
  );
});
