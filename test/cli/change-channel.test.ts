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

const URL_WITH_TOKEN = 'https://oapi.dingtalk.com/robot/send?access_token=hidden-token';
const channel = {
  ...{ id: '01CH', kind: 'dingtalk', name: 'home', locale: 'zh', ownerChannelId: null, disabled: null },
  ...{ url: 'https://oapi.dingtalk.com/…', createdAt: '2026-12-01T00:00:00Z', blockedUntil: null },
  changedAt: '2026-12-01T00:00:00Z',
};

type Given = Parameters<Sluice>[1];

/** Runs the command, and returns the body that it sent. */
async function sentBy(args: readonly string[], given: Given = {}): Promise<unknown> {
  api.answer({ 'PATCH /v1/channels/01CH': channel });
  const { code, stdout, stderr } = await sluice(['channels', 'change', '01CH', ...args], given);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `changes channel 01CH through the api at ${api.url} (from SLUICE_API)\n01CH  dingtalk  home  ${channel.url}\ntry it: sluice channels test 01CH\n`,
  );
  assert.equal(api.requests.length, 1);
  return api.requests[0]?.body;
}

test('change sends only the fields that the options name, and prints neither address nor secret', async () => {
  const all = ['--url', URL_WITH_TOKEN, '--secret', 'SEC1', '--keyword', '天气', '--name', 'home'];
  assert.deepEqual(await sentBy([...all, '--locale', 'en', '--owner', '01OWNER', '--enable']), {
    ...{ url: URL_WITH_TOKEN, secret: 'SEC1', keyword: '天气', name: 'home', locale: 'en' },
    ...{ ownerChannelId: '01OWNER', disabled: false },
  });
  assert.deepEqual(await sentBy(['--name', 'office']), { name: 'office' });
  assert.deepEqual(await sentBy(['--enable']), { disabled: false });
});

test('an empty value removes secret, keyword, name and owner', async () => {
  assert.deepEqual(await sentBy(['--secret', '', '--keyword', '', '--name', '', '--owner', '']), {
    ...{ secret: null, keyword: null, name: null, ownerChannelId: null },
  });
});

test('the address and the secret can come from standard input, and the secret of a new address from a variable', async () => {
  const input = 'SEC-typed\nignored';
  assert.deepEqual(await sentBy(['--secret', '-'], { input }), { secret: 'SEC-typed' });
  assert.deepEqual(await sentBy(['--url', '-'], { input: URL_WITH_TOKEN }), { url: URL_WITH_TOKEN });
  const env = { SLUICE_CHANNEL_SECRET: 'SEC-variable' };
  assert.deepEqual(await sentBy(['--url', URL_WITH_TOKEN], { env }), {
    ...{ url: URL_WITH_TOKEN, secret: 'SEC-variable' },
  });
  assert.deepEqual(await sentBy(['--name', 'office'], { env }), { name: 'office' });
});

test('change without an option, or with two values from standard input, is refused', async () => {
  api.answer({});
  const nothing = await sluice(['channels', 'change', '01CH']);
  assert.equal(nothing.code, 2);
  assert.match(
    nothing.stderr,
    /^sluice channels: nothing to change: name at least one option, such as --url;/,
  );
  const both = await sluice(['channels', 'change', '01CH', '--url', '-', '--secret', '-']);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /only one of --url and --secret can be read from standard input/);
  assert.deepEqual(api.requests, []);
});

test('with --json, standard output has only the answer', async () => {
  api.answer({ 'PATCH /v1/channels/01CH': channel });
  const { code, stdout } = await sluice(['channels', 'change', '01CH', '--enable', '--json']);
  assert.deepEqual([code, JSON.parse(stdout)], [0, channel]);
});
