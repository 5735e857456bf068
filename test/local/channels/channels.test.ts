import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createChannelHttp } from '../../../adapters/channels/channel-http.ts';
import { channelKinds } from '../../../adapters/channels/channel-kinds.ts';
import { serveChannels } from '../../../local/channels/server.ts';
import type { Listener } from '../../../runtime/listen.ts';
import { createLog } from '../../../runtime/log.ts';
import { send } from '../raw-request.ts';

let server: Listener;
let origin = '';
const http = createChannelHttp([], 1_000);
before(async () => {
  server = await serveChannels({ port: 0, log: createLog('local', 'silent') });
  origin = `http://127.0.0.1:${server.port}`;
});
after(async () => {
  http.close();
  await server?.close(0);
});

const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const answer = await send(origin, path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, String(answer.body));
  return JSON.parse(String(answer.body));
};
const set = (settings: object) => control('PUT', '/-/faults', settings);
beforeEach(async () => {
  await set({});
  await control('DELETE', '/-/received');
});

interface Received {
  readonly to: string;
  readonly title: string;
  readonly text: string;
  readonly mentions: readonly string[];
}
const received = async (): Promise<readonly Received[]> => {
  const answer = await send(origin, '/received');
  return JSON.parse(String(answer.body));
};

const NOW = '2026-12-01T20:00:00+08:00';
const TOO_FAST = { errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' };

/** Sends a message as a program of a user may do. Returns the answer's JSON. */
async function toRobot(
  token: string,
  body: unknown = { msgtype: 'text', text: { content: 'rain' } },
  { method = 'POST', type = 'application/json', query = '' } = {},
): Promise<unknown> {
  const answer = await send(origin, `/robot/send?access_token=${token}${query}`, {
    method,
    headers: { 'content-type': type },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200);
  return JSON.parse(String(answer.body));
}

test('a robot without settings accepts text and markdown, and shows them', async () => {
  const at = { atMobiles: ['13800000000', '19900000000'] };
  assert.deepEqual(await toRobot('one'), { errcode: 0, errmsg: 'ok' });
  const markdown = { title: 'Rain', text: '**<b>北京</b>** @13800000000' };
  assert.deepEqual(await toRobot('two', { msgtype: 'markdown', markdown, at }), { errcode: 0, errmsg: 'ok' });
  assert.deepEqual(
    (await received()).map(({ to, title, text, mentions }) => [to, title, text, mentions]),
    [
      ['one', '', 'rain', []],
      ['two', 'Rain', '**<b>北京</b>** @13800000000', ['13800000000']],
    ],
  );
  const page = String((await send(origin, '/')).body);
  assert.match(page, /<strong>&lt;b&gt;北京&lt;\/b&gt;<\/strong> @13800000000/);
});

const refusals: readonly (readonly [string, () => Promise<unknown>, number])[] = [
  ['GET', () => toRobot('a', '', { method: 'GET' }), 43002],
  ['no token', () => toRobot(''), 40035],
  ['another content type', () => toRobot('a', {}, { type: 'text/plain' }), 43004],
  [
    'over 20,000 bytes',
    () => toRobot('a', { msgtype: 'text', text: { content: '汉'.repeat(6_660) } }),
    460101,
  ],
  ['an unknown type', () => toRobot('a', { msgtype: 'card' }), 400105],
  ['no JSON', () => toRobot('a', 'x'), 400105],
  ['empty text', () => toRobot('a', { msgtype: 'text', text: { content: ' ' } }), 400105],
  ['markdown without a title', () => toRobot('a', { msgtype: 'markdown', markdown: { text: 'a' } }), 400105],
];
for (const [what, act, errcode] of refusals)
  test(`a robot refuses a message with ${what}: ${errcode}`, async () => {
    assert.equal(((await act()) as { errcode: number }).errcode, errcode);
    assert.deepEqual(await received(), []);
  });

test('a robot with keywords refuses a text without one of them', async () => {
  await set({ robots: { word: { keywords: ['天气', 'rain'] } } });
  assert.deepEqual(await toRobot('word'), { errcode: 0, errmsg: 'ok' });
  const sun = { msgtype: 'text', text: { content: 'sun' } };
  assert.deepEqual(await toRobot('word', sun), { errcode: 310000, errmsg: 'keywords not in content' });
});

test('with robots, other tokens do not exist; a stopped robot says so', async () => {
  await set({ robots: { here: {}, off: { state: 'stopped' }, gone: { state: 'deleted' } } });
  const codes = await Promise.all(['here', 'off', 'gone', 'other'].map((token) => toRobot(token)));
  assert.deepEqual(
    codes.map((each) => (each as { errcode: number }).errcode),
    [0, 400102, 300005, 300005],
  );
});

test('the 21st message of a robot in a minute is refused, and all others for ten minutes; other robots go on', async () => {
  await set({ now: NOW });
  for (let n = 0; n < 20; n++) assert.deepEqual(await toRobot('busy'), { errcode: 0, errmsg: 'ok' });
  assert.deepEqual(await toRobot('busy'), TOO_FAST);
  assert.deepEqual(await toRobot('idle'), { errcode: 0, errmsg: 'ok' });
  assert.equal((await received()).length, 21);
});

test('a sender with the secret is accepted, one without it or with an old time is not', async () => {
  await set({ now: NOW, robots: { signed: { secret: 'SEC+/=' } } });
  const channelAt = (clock: () => number, secret: string) =>
    channelKinds.dingtalk?.create(
      { url: `${origin}/robot/send?access_token=signed`, secret },
      { http: openHttp(), clock, privateOrigins: [origin] },
    );
  const message = { id: '1', title: 'Rain', markdown: 'rain' };
  const now = () => Date.parse(NOW);
  assert.equal((await channelAt(now, 'SEC+/=')?.send(message))?.kind, 'sent');
  assert.equal((await channelAt(now, 'other')?.send(message))?.kind, 'misconfigured');
  assert.equal((await channelAt(() => now() - 61 * 60_000, 'SEC+/=')?.send(message))?.kind, 'misconfigured');
  assert.equal((await channelAt(() => now() - 59 * 60_000, 'SEC+/=')?.send(message))?.kind, 'sent');
});

const clients: { close(): void }[] = [];
after(() => {
  for (const client of clients) client.close();
});
function openHttp() {
  const client = createChannelHttp([origin], 1_000);
  clients.push(client);
  return client;
}

test('a webhook accepts a signed message once, and refuses others', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  await set({ webhooks: { hook: secret } });
  const channel = (own: string) =>
    channelKinds.webhook?.create(
      { url: `${origin}/webhook/hook`, secret: own },
      { http: openHttp(), clock: Date.now, privateOrigins: [origin] },
    );
  const message = { id: 'm-1', title: 'Rain', markdown: 'rain' };
  assert.equal((await channel(secret)?.send(message))?.kind, 'sent');
  assert.equal((await channel(secret)?.send(message))?.kind, 'sent');
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  assert.equal((await channel(other)?.send(message))?.kind, 'rejected');
  assert.deepEqual(
    (await received()).map(({ to, text }) => [to, text]),
    [['hook', 'rain']],
  );
});

test('faults: another answer, an answer that never comes, and a connection that breaks after the message was accepted', async () => {
  const channel = channelKinds.dingtalk?.create(
    { url: `${origin}/robot/send?access_token=a` },
    { http: openHttp(), clock: Date.now, privateOrigins: [origin] },
  );
  const message = { id: '1', title: 'Rain', markdown: 'rain' };
  await set({
    rules: [
      { do: 'answer', body: '<html>', count: 1 },
      { do: 'reset', count: 1 },
      { do: 'accept and hang', count: 1 },
      { do: 'accept and reset', to: 'a', count: 1 },
      { do: 'hang', to: 'b' },
    ],
  });
  const kinds: (string | undefined)[] = [];
  for (let n = 0; n < 5; n++) kinds.push((await channel?.send(message))?.kind);
  assert.deepEqual(kinds, ['ambiguous', 'ambiguous', 'ambiguous', 'ambiguous', 'sent']);
  assert.equal((await received()).length, 3);
});

test('a web page of another origin can neither send nor read messages', async () => {
  const headers = { origin: 'https://evil.example', 'content-type': 'application/json' };
  assert.equal((await send(origin, '/received', { headers })).status, 403);
  assert.equal(
    (await send(origin, '/robot/send?access_token=a', { method: 'POST', headers, body: '{}' })).status,
    403,
  );
  assert.equal((await send(origin, '/', { headers: { host: 'evil.example' } })).status, 403);
});
