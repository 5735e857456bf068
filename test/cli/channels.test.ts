import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const URL_WITH_TOKEN = 'https://oapi.dingtalk.com/robot/send?access_token=hidden-token';
const SECRET = 'SEC+/=& %';
const channel = {
  ...{ id: '01CH', kind: 'dingtalk', name: 'home', locale: 'zh', ownerChannelId: null },
  ...{ url: 'https://oapi.dingtalk.com/robot/send?access_token=…', createdAt: '2026-12-01T00:00:00Z' },
  ...{ changedAt: '2026-12-01T00:00:00Z', blockedUntil: null },
  disabled: null,
};
const target = () => `the api at ${api.url} (from SLUICE_API)`;

test('lists the channels of all pages, and since when and why one is stopped', async () => {
  const stopped = {
    ...{ at: '2026-12-01T12:00:30Z', code: '300005' },
    meaning: { zh: '机器人不存在', en: 'the robot does not exist' },
  };
  const second = { ...channel, id: '01SECOND', kind: 'webhook', name: null, disabled: stopped };
  api.answer({
    'GET /v1/channels?limit=100': { items: [channel], next: 'a b' },
    'GET /v1/channels?limit=100&cursor=a+b': { items: [second], next: null },
  });
  const { code, stdout, stderr } = await sluice(['channels']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `01CH      dingtalk  home  ${channel.url}\n` +
      `01SECOND  webhook         ${channel.url}  stopped since 2026-12-01 20:00 +08:00: 300005: the robot does not exist (机器人不存在)\n`,
  );
  const json = await sluice(['channels', 'list', '--json']);
  assert.deepEqual(JSON.parse(json.stdout), [channel, second]);
});

test('without channels, the list says how to add one', async () => {
  api.answer({ 'GET /v1/channels?limit=100': { items: [], next: null } });
  const { stdout } = await sluice(['channels']);
  assert.equal(stdout, 'there is no channel; sluice channels add creates one\n');
});

const add = ['channels', 'add', 'dingtalk', '--url', URL_WITH_TOKEN] as const;
const secretInputs: readonly (readonly [string, readonly string[], object])[] = [
  ['an option', ['--secret', SECRET], {}],
  ['standard input', ['--secret', '-'], { input: `${SECRET}\n` }],
  ['SLUICE_CHANNEL_SECRET', [], { env: { SLUICE_CHANNEL_SECRET: SECRET } }],
];
for (const [from, args, given] of secretInputs)
  test(`adds a channel with a secret from ${from}, and prints neither address nor secret`, async () => {
    api.answer({ 'POST /v1/channels': channel });
    const more = ['--keyword', '天气', '--name', 'home', '--locale', 'en', '--owner', '01OWNER'];
    const { code, stdout, stderr } = await sluice([...add, ...args, ...more], given);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      stdout,
      `adds a channel through ${target()}\n01CH  dingtalk  home  ${channel.url}\ntry it: sluice channels test 01CH\n`,
    );
    const [sent] = api.requests;
    assert.deepEqual(sent?.body, {
      ...{ kind: 'dingtalk', url: URL_WITH_TOKEN, secret: SECRET, keyword: '天气', name: 'home' },
      ...{ locale: 'en', ownerChannelId: '01OWNER' },
    });
    assert.match(String(sent?.headers['idempotency-key']), /^[\da-f-]{36}$/);
  });

test('the address can come from standard input, and optional fields are absent', async () => {
  api.answer({ 'POST /v1/channels': channel });
  const args = ['channels', 'add', 'webhook', '--url', '-', '--json'];
  const { code, stdout, stderr } = await sluice(args, { input: `${URL_WITH_TOKEN}\r\nignored` });
  assert.deepEqual([code, JSON.parse(stdout)], [0, channel]);
  assert.equal(stderr, `adds a channel through ${target()}\n`);
  assert.deepEqual(api.requests[0]?.body, { kind: 'webhook', url: URL_WITH_TOKEN });
});

test('prints what the api refuses, without address and secret', async () => {
  const errors = [
    { in: 'body', name: 'url', detail: 'url must begin with https://' },
    { in: 'body', name: 'locale', detail: 'locale is "de"; allowed: zh, en' },
  ];
  const refusal = new Refusal(422, 'url must begin with https://', { errors });
  api.answer({ 'POST /v1/channels': refusal });
  const { code, stderr } = await sluice([...add, '--secret', SECRET]);
  assert.equal(code, 1);
  assert.equal(stderr, 'sluice channels: url must begin with https://; locale is "de"; allowed: zh, en\n');
});

test('test prints the answer of the receiver, and fails unless it accepted the message', async () => {
  api.answer({ 'POST /v1/channels/01CH/test': { status: 'sent' } });
  const sent = await sluice(['channels', 'test', '01CH']);
  assert.deepEqual(sent, {
    ...{ code: 0, stderr: '' },
    stdout: `sends a test message to channel 01CH through ${target()}\nsent\n`,
  });
  const meaning = { zh: '缺少关键词', en: 'the keyword is missing' };
  api.answer({ 'POST /v1/channels/01CH/test': { status: 'failed', code: '310000', meaning } });
  const failed = await sluice(['channels', 'test', '01CH']);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /^failed: 310000: the keyword is missing \(缺少关键词\)$/m);
  const json = await sluice(['channels', 'test', '01CH', '--json']);
  assert.deepEqual([json.code, JSON.parse(json.stdout).code], [1, '310000']);
});

test('delete names the channel and the api first', async () => {
  api.answer({ 'DELETE /v1/channels/01CH': undefined });
  const { code, stdout } = await sluice(['channels', 'delete', '01CH']);
  assert.deepEqual([code, stdout], [0, `deletes channel 01CH through ${target()}\ndeleted\n`]);
  api.answer({});
  const missing = await sluice(['channels', 'delete', '01NONE']);
  assert.deepEqual([missing.code, missing.stderr], [1, 'sluice channels: there is no such path\n']);
});

test('the token comes from an option or a variable, and 401 says so', async () => {
  const refused = new Refusal(401, 'a change requires a token of SLUICE_API_TOKENS');
  api.answer({ 'DELETE /v1/channels/01CH': refused });
  const { code, stderr } = await sluice(['channels', 'delete', '01CH']);
  assert.equal(code, 1);
  assert.match(stderr, /requires a token of SLUICE_API_TOKENS; set --token or SLUICE_API_TOKEN$/m);
  const env = { SLUICE_API_TOKEN: 'from-variable' };
  await sluice(['channels', 'delete', '01CH'], { env });
  await sluice(['channels', 'delete', '01CH', '--token', 'from-option'], { env });
  const sent = api.requests.map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, [undefined, 'Bearer from-variable', 'Bearer from-option']);
});

test('only the api of a running start gets the token of this start', async () => {
  api.answer({ 'GET /v1/channels?limit=100': { items: [], next: null } });
  const endpoints = { api: api.url, apiToken: 'local-token', pids: { supervisor: process.pid } };
  writeFileSync(join(sluice.home, 'endpoints.json'), JSON.stringify(endpoints));
  await sluice(['channels'], { env: { SLUICE_API: '' } });
  await sluice(['channels', '--api', api.url], { env: { SLUICE_API: '' } });
  await sluice(['channels']);
  const sent = api.requests.map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, ['Bearer local-token', undefined, undefined]);
});

test('an api that does not answer is named, with what to do', async () => {
  const { code, stderr } = await sluice(['channels', '--api', 'http://127.0.0.1:9']);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^sluice channels: the api at http:\/\/127\.0\.0\.1:9 \(from --api\) does not answer: .*; start it with `npm start`, or set --api\n$/,
  );
});
