import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { after, test } from 'node:test';
import { createChannelHttp } from '../../../adapters/channels/channel-http.ts';
import { channelKinds } from '../../../adapters/channels/channel-kinds.ts';
import type { ChannelMessage, ChannelSettings } from '../../../ports/channel.ts';
import { localServer } from '../../gateway/auth/local-server.ts';
import { freePort } from '../../support/free-port.ts';

/** One request that the receiver got. */
interface Received {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const server = localServer();
const TIMEOUT_MS = 1_000;
const clients: { close(): void }[] = [];
after(() => {
  for (const client of clients) client.close();
});

/** Makes the server answer every message like this, and collects the messages. */
function answerWith(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Received[] {
  const received: Received[] = [];
  server.handler = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    received.push({ url: new URL(request.url ?? '', server.origin()), headers: request.headers, body: text });
    response.writeHead(status, headers).end(body);
  };
  return received;
}

/** For each kind: its valid settings, an answer that accepts a message, and secrets that no result may contain. */
const kinds = {
  dingtalk: {
    settings: () => ({ url: `${server.origin()}/robot/send?access_token=TOKEN123`, secret: 'SECtest' }),
    accepts: '{"errcode":0,"errmsg":"ok"}',
    secrets: ['TOKEN123', 'SECtest'],
  },
  webhook: {
    settings: () => ({ url: `${server.origin()}/hook/TOKEN123`, secret: `whsec_${'A'.repeat(32)}` }),
    accepts: '',
    secrets: ['TOKEN123', 'A'.repeat(32)],
  },
} as const;
type KindName = keyof typeof kinds;
const names = Object.keys(kinds) as KindName[];

test('each kind of channel has the tests of this file', () => {
  assert.deepEqual(names.sort(), Object.keys(channelKinds).sort());
});

const message: ChannelMessage = { id: 'msg-1', title: 'Rain', markdown: '**北京** rain' };

function channelOf(name: KindName, changes: Partial<ChannelSettings> = {}, clock = Date.now) {
  const settings: ChannelSettings = { ...kinds[name].settings(), ...changes };
  const privateOrigins = [new URL(settings.url).origin];
  const kind = channelKinds[name];
  assert.ok(kind);
  kind.check(settings, privateOrigins);
  const http = createChannelHttp(privateOrigins, TIMEOUT_MS);
  clients.push(http);
  return kind.create(settings, { http, clock, privateOrigins });
}

function assertNoSecret(name: KindName, result: object): void {
  for (const secret of kinds[name].secrets) assert.ok(!JSON.stringify(result).includes(secret));
}

for (const name of names) {
  const { accepts } = kinds[name];

  test(`${name}: a message that the receiver accepts is sent, once`, async () => {
    const received = answerWith(200, accepts);
    assert.deepEqual(await channelOf(name).send(message), { kind: 'sent' });
    assert.equal(received.length, 1);
    assert.match(received[0]?.body ?? '', /\*\*北京\*\* rain/);
    assert.match(received[0]?.headers['content-type'] ?? '', /^application\/json/);
  });

  test(`${name}: each attempt has a new signature`, async () => {
    const received = answerWith(200, accepts);
    let now = 1_600_000_000_000;
    const channel = channelOf(name, {}, () => now);
    await channel.send(message);
    now += 61 * 60_000;
    await channel.send(message);
    const signatures = received.map(({ url, headers }) =>
      [url.searchParams.get('sign'), headers['webhook-signature']].join(),
    );
    assert.notEqual(signatures[0], signatures[1]);
  });

  test(`${name}: a redirect is not followed`, async () => {
    const received = answerWith(302, '', { location: `${server.origin()}/elsewhere` });
    const result = await channelOf(name).send(message);
    assert.notEqual(result.kind, 'sent');
    assert.equal(received.length, 1);
    assertNoSecret(name, result);
  });

  test(`${name}: without an answer in time, the message may have been sent`, async () => {
    server.handler = () => undefined;
    const result = await channelOf(name).send(message);
    assert.deepEqual([result.kind, 'code' in result && result.code], ['ambiguous', 'timeout']);
    const said = `no answer within ${TIMEOUT_MS / 1_000} s; the message may have been sent`;
    assert.equal('meaning' in result && result.meaning?.en, said);
    assert.equal(
      'meaning' in result && result.meaning?.zh,
      `${TIMEOUT_MS / 1_000} 秒内没有回答；消息可能已发送`,
    );
    assertNoSecret(name, result);
  });

  test(`${name}: if the connection breaks before the answer, the message may have been sent`, async () => {
    server.handler = (request) => {
      request.resume().on('end', () => request.socket.destroy());
    };
    const result = await channelOf(name).send(message);
    assert.deepEqual([result.kind, 'code' in result && result.code], ['ambiguous', 'ECONNRESET']);
    assertNoSecret(name, result);
  });

  test(`${name}: without a connection, the message was not sent`, async () => {
    const url = kinds[name].settings().url.replace(server.origin(), `http://127.0.0.1:${await freePort()}`);
    const result = await channelOf(name, { url }).send(message);
    assert.deepEqual([result.kind, 'code' in result && result.code], ['retryable', 'ECONNREFUSED']);
    assertNoSecret(name, result);
  });

  test(`${name}: an address that resolves to this machine gets no message`, async () => {
    const received = answerWith(200, accepts);
    const settings = { ...kinds[name].settings() };
    const http = createChannelHttp([], TIMEOUT_MS);
    clients.push(http);
    const url = settings.url.replace('127.0.0.1', 'localhost');
    const origin = new URL(url).origin;
    const channel = channelKinds[name]?.create(
      { ...settings, url },
      // The settings were allowed before. Then the operator removed the origin, so the connection is refused.
      { http, clock: Date.now, privateOrigins: [origin] },
    );
    const result = await channel?.send(message);
    assert.equal(result?.kind, 'misconfigured');
    assert.equal(received.length, 0);
    assertNoSecret(name, result ?? {});
  });

  test(`${name}: an abort ends the attempt at once`, async () => {
    const abort = new AbortController();
    server.handler = () => abort.abort(new Error('stopped'));
    await assert.rejects(channelOf(name).send(message, abort.signal), { message: 'stopped' });
  });

  for (const [status, body] of [
    [200, '<html>'],
    [500, accepts.replace('0', '1')],
    [404, ''],
    [200, '{"errcode":88888,"errmsg":"token TOKEN123 and SECtest"}'],
  ] as const)
    test(`${name}: HTTP ${status} with ${body === '' ? 'an empty body' : body} is not "sent", unless the kind says so`, async () => {
      answerWith(status, body);
      const result = await channelOf(name).send(message);
      if (name === 'webhook' && status === 200) assert.equal(result.kind, 'sent');
      else assert.notEqual(result.kind, 'sent');
      assertNoSecret(name, result);
    });
}

test('dingtalk: the signature is that of the vendor’s documentation', async () => {
  const received = answerWith(200, '{"errcode":0}');
  await channelOf('dingtalk', {}, () => 1_600_000_000_000).send(message);
  const { searchParams } = received[0]?.url ?? new URL('http://none');
  assert.deepEqual(Object.fromEntries(searchParams), {
    access_token: 'TOKEN123',
    timestamp: '1600000000000',
    sign: 'J1ROuI0lRhdAs5lXpASksT0u9NwWl4DNkvcHISJRBoY=',
  });
});

test('dingtalk: a secret with special characters is used as it is', async () => {
  const secret = 'SEC+/= &%ü ';
  const received = answerWith(200, '{"errcode":0}');
  await channelOf('dingtalk', { secret }, () => 5).send(message);
  const expected = createHmac('sha256', Buffer.from(secret))
    .update(Buffer.from(`5\n${secret}`))
    .digest('base64');
  assert.equal(received[0]?.url.searchParams.get('sign'), expected);
  // The signature is encoded, so that its + and = arrive.
  assert.doesNotMatch(received[0]?.url.search ?? '', /sign=[^&]*[+=]/);
});

test('dingtalk: without a secret, the address is used as it is', async () => {
  const received = answerWith(200, '{"errcode":0}');
  const { url } = kinds.dingtalk.settings();
  const http = createChannelHttp([server.origin()], TIMEOUT_MS);
  clients.push(http);
  await channelKinds.dingtalk
    ?.create({ url }, { http, clock: Date.now, privateOrigins: [server.origin()] })
    .send(message);
  assert.equal(received[0]?.url.href, url);
});

test('dingtalk: the keyword is added if the text does not have it, and mentioned numbers are in the text', async () => {
  const received = answerWith(200, '{"errcode":0}');
  const channel = channelOf('dingtalk', { keyword: '天气' });
  await channel.send({ ...message, mentions: ['19912345678', '13800000000'], markdown: 'rain @13800000000' });
  await channel.send({ ...message, markdown: '明天天气' });
  const [first, second] = received.map(({ body }) => JSON.parse(body));
  assert.deepEqual(first, {
    msgtype: 'markdown',
    markdown: { title: 'Rain', text: 'rain @13800000000\n\n@19912345678\n\n天气' },
    at: { atMobiles: ['19912345678', '13800000000'], isAtAll: false },
  });
  assert.equal(second.markdown.text, '明天天气');
});

test('webhook: the headers are those of Standard Webhooks, and the id stays the same', async () => {
  const received = answerWith(204, '');
  const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
  const channel = channelOf('webhook', { secret }, () => 1_600_000_000_000);
  await channel.send({ ...message, data: { cities: 2 } });
  const [{ headers, body } = assert.fail('nothing was received')] = received;
  const expected = createHmac('sha256', '0123456789abcdef0123456789abcdef')
    .update(`msg-1.1600000000.${body}`)
    .digest('base64');
  assert.deepEqual(
    [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature']],
    ['msg-1', '1600000000', `v1,${expected}`],
  );
  assert.deepEqual(JSON.parse(body), {
    type: 'sluice.alert',
    timestamp: '2020-09-13T12:26:40.000Z',
    data: { title: 'Rain', markdown: '**北京** rain', details: { cities: 2 } },
  });
});

test('webhook: Retry-After is the wait', async () => {
  answerWith(429, '', { 'retry-after': '7' });
  const result = await channelOf('webhook').send(message);
  assert.deepEqual([result.kind, 'afterMs' in result && result.afterMs], ['throttled', 7_000]);
});

const invalid: readonly (readonly [KindName, ChannelSettings, RegExp])[] = [
  [
    'dingtalk',
    { url: 'https://oapi.dingtalk.com.evil.example/robot/send?access_token=T' },
    /^url must begin with https:\/\/oapi\.dingtalk\.com\/robot\/send, but has the host oapi\.dingtalk\.com\.evil\.example$/,
  ],
  ['dingtalk', { url: 'https://oapi.dingtalk.com:8443/robot/send?access_token=T' }, /^url must begin with/],
  [
    'dingtalk',
    { url: 'https://oapi.dingtalk.com/robot/sent?access_token=T' },
    /^url must have the path \/robot\/send$/,
  ],
  ['dingtalk', { url: 'https://oapi.dingtalk.com/robot/send' }, /^url must have the access_token/],
  [
    'dingtalk',
    { url: 'https://oapi.dingtalk.com/robot/send?access_token=a%20b' },
    /^url must have the access_token/,
  ],
  ['dingtalk', { url: 'http://oapi.dingtalk.com/robot/send?access_token=T' }, /^url must begin with https/],
  [
    'dingtalk',
    { url: 'https://oapi.dingtalk.com/robot/send?access_token=T&access_token=U' },
    /^url has access_token 2 times; allowed: once$/,
  ],
  ['webhook', { url: 'https://example.com/' }, /^secret must be whsec_/],
  ['webhook', { url: 'https://example.com/', secret: 'A'.repeat(32) }, /^secret must be whsec_/],
  [
    'webhook',
    { url: 'https://example.com/', secret: `whsec_${Buffer.alloc(23).toString('base64')}` },
    /^secret must be/,
  ],
  [
    'webhook',
    { url: 'https://example.com/', secret: `whsec_${Buffer.alloc(65).toString('base64')}` },
    /^secret must be/,
  ],
  ['webhook', { url: 'https://example.com/', secret: 'whsec_!!!!' }, /^secret must be/],
  [
    'webhook',
    { url: 'https://10.0.0.1/', secret: `whsec_${'A'.repeat(32)}` },
    /^url has the private address 10\.0\.0\.1;/,
  ],
  ...['localhost', 'localhost.', 'hooks.localhost', 'LOCALHOST'].map(
    (host) =>
      [
        'webhook',
        { url: `https://${host}/`, secret: `whsec_${'A'.repeat(32)}` },
        new RegExp(`^url has the private address ${host.toLowerCase()};`),
      ] as const,
  ),
];
for (const [name, settings, problem] of invalid)
  test(`${name}: ${JSON.stringify(settings)} is refused`, () => {
    assert.throws(() => channelKinds[name]?.check(settings, []), { name: 'InvalidInput', message: problem });
  });

test('webhook: a host whose name only begins with localhost is allowed', () => {
  const secret = `whsec_${'A'.repeat(32)}`;
  channelKinds.webhook?.check({ url: 'https://localhost.example.com/', secret }, []);
  channelKinds.webhook?.check({ url: 'https://notlocalhost/', secret }, []);
});

for (const bytes of [24, 64])
  test(`webhook: a secret of ${bytes} bytes is allowed`, () => {
    const secret = `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`;
    channelKinds.webhook?.check({ url: 'https://example.com/', secret }, []);
  });
