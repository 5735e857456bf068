import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type AlertApi, Refusal, startAlertApi } from './alert-api.ts';
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

const beijing = { adcode: '110000', name: '北京市', path: ['北京市'] };
const ID = '110000-01JDSUBSCRIPTION0000000000';
const subscription = {
  ...{ id: ID, adcode: '110000', channelId: '01CH', at: '20:00', tz: 'Asia/Shanghai' },
  condition: { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] },
  ...{ mode: 'alert', holidays: 'keep', lateWindow: 'PT3H', correction: true, locale: 'zh' },
  ...{ createdAt: '2026-12-01T00:00:00Z', paused: false, mutedUntil: null },
};
const target = () => `the api at ${api.url} (from SLUICE_API)`;
const cities = (words: string, ...items: readonly object[]) => ({
  [`GET /v1/cities?limit=6&q=${words}`]: { items, total: items.length, next: null },
});
const bodyOf = (line: string): unknown => api.requests.find((request) => request.line === line)?.body;

test('subscribes a channel to a place that is found by name, and leaves the defaults to the api', async () => {
  api.answer({ ...cities('北京', beijing), 'POST /v1/subscriptions': subscription });
  const { code, stdout, stderr } = await sluice(['subscribe', '北京', '--channel', '01CH']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `subscribes to 北京市 (110000) through ${target()}\n` +
      `${ID}  北京市 (110000)  20:00 Asia/Shanghai  rain or snow  channel 01CH\n` +
      `what would be sent now: sluice preview ${ID}\n`,
  );
  assert.deepEqual(bodyOf('POST /v1/subscriptions'), { adcode: '110000', channelId: '01CH' });
  assert.match(String(api.requests[1]?.headers['idempotency-key']), /^[\da-f-]{36}$/);
});

test('sends every option as the api expects it', async () => {
  api.answer({ ...cities('110000', beijing), 'POST /v1/subscriptions': subscription });
  const condition = { v: 1, all: [{ tMinBelow: 0 }, { cat: 'wind' }] };
  const { code, stdout, stderr } = await sluice([
    ...['subscribe', '110000', '--channel', '01CH', '--at', '21:30', '--tz', 'Asia/Urumqi', '--json'],
    ...['--mode', 'alert', '--when', JSON.stringify(condition), '--days', '5,1,1,3'],
    ...['--quiet', '22:00-07:00', '--holidays', 'skip', '--date', '2026-12-05', '--locale', 'en'],
    ...['--no-correction', '--late-window', 'PT1H'],
  ]);
  assert.deepEqual([code, JSON.parse(stdout)], [0, subscription]);
  assert.equal(stderr, `subscribes to 北京市 (110000) through ${target()}\n`);
  assert.deepEqual(bodyOf('POST /v1/subscriptions'), {
    ...{ adcode: '110000', channelId: '01CH', at: '21:30', tz: 'Asia/Urumqi', mode: 'alert', condition },
    ...{ days: [1, 3, 5], quiet: { from: '22:00', to: '07:00' }, holidays: 'skip', date: '2026-12-05' },
    ...{ locale: 'en', correction: false, lateWindow: 'PT1H' },
  });
});

test('names other places with this name', async () => {
  const chaoyang = { adcode: '110105', name: '朝阳区', path: ['北京市', '朝阳区'] };
  const other = { adcode: '220104', name: '朝阳区', path: ['吉林省', '长春市', '朝阳区'] };
  api.answer({ ...cities('朝阳区', chaoyang, other), 'POST /v1/subscriptions': subscription });
  const { stdout } = await sluice(['subscribe', '朝阳区', '--channel', '01CH']);
  const [first, second] = stdout.split('\n');
  assert.equal(first, `subscribes to 北京市 · 朝阳区 (110105) through ${target()}`);
  assert.equal(second, 'not meant: 吉林省 · 长春市 · 朝阳区 (220104); their adcodes select them');
});

test('an unknown place, and a subscription that the api refuses, are errors', async () => {
  api.answer(cities('nowhere'));
  const unknown = await sluice(['subscribe', 'nowhere', '--channel', '01CH']);
  assert.deepEqual([unknown.code, unknown.stderr], [1, 'sluice subscribe: no place matches "nowhere"\n']);
  const errors = [{ in: 'body', name: 'tz', detail: 'tz is "Mars"; allowed: an IANA name' }];
  const refusal = new Refusal(400, 'tz is "Mars", and 1 more', { errors });
  api.answer({ ...cities('北京', beijing), 'POST /v1/subscriptions': refusal });
  const refused = await sluice(['subscribe', '北京', '--channel', '01CH', '--tz', 'Mars']);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [1, 'sluice subscribe: tz is "Mars"; allowed: an IANA name\n'],
  );
});

const ROBOT = 'https://oapi.dingtalk.com/robot/send?access_token=hidden-token';
const name = `robot ${createHash('sha256').update(ROBOT).digest('hex').slice(0, 16)}`;
const robot = { id: '01ROBOT', kind: 'dingtalk', name, url: 'masked', disabled: null };
const original = [
  ...['subscribe', '--adcode', '110000', '--date', '2026-12-05', '--dayweather', '雨'],
  ...['--dingtalkurl', ROBOT],
];

test('the options of the replaced service add a channel and a subscription for one day', async () => {
  api.answer({
    ...cities('110000', beijing),
    'GET /v1/channels?limit=100': { items: [{ ...robot, name: 'robot 0000' }], next: null },
    'POST /v1/channels': robot,
    'POST /v1/subscriptions': { ...subscription, date: '2026-12-05' },
  });
  const { code, stdout, stderr } = await sluice(original);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^added channel 01ROBOT$/m);
  assert.doesNotMatch(stdout, /hidden-token/);
  assert.deepEqual(bodyOf('POST /v1/channels'), { kind: 'dingtalk', url: ROBOT, name });
  assert.deepEqual(bodyOf('POST /v1/subscriptions'), {
    ...{ adcode: '110000', channelId: '01ROBOT', date: '2026-12-05', correction: false, text: 'original' },
    condition: { v: 1, textContains: '雨', when: 'day' },
  });
});

test('a second subscription for the same robot uses its channel, unless it is stopped', async () => {
  const answers = (disabled: object | null) => ({
    ...cities('110000', beijing),
    'GET /v1/channels?limit=100': { items: [{ ...robot, disabled }], next: null },
    'POST /v1/channels': { ...robot, id: '01NEW' },
    'POST /v1/subscriptions': subscription,
  });
  api.answer(answers(null));
  const { stdout } = await sluice(original);
  assert.match(stdout, /^uses channel 01ROBOT$/m);
  assert.equal(bodyOf('POST /v1/channels'), undefined);
  api.answer(answers({ at: '2026-12-01T12:00:00Z' }));
  assert.match((await sluice(original)).stdout, /^added channel 01NEW$/m);
});
