import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { channelsTable, deliveriesTable } from '../../../ports/alert-tables.ts';
import { createSealer } from '../../../runtime/sealed-text.ts';
import { until } from '../../support/until.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import {
  type AlertsApi,
  createChannel,
  createSubscription,
  KEYS,
  PRIVATE_ORIGIN,
  ROBOT_SECRET,
  ROBOT_URL,
  startAlertsApi,
} from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
before(async () => {
  api = await startAlertsApi(t);
});

const WEBHOOK = { kind: 'webhook', url: 'https://hooks.example/T0/hidden-path' };
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const rowOf = async (channelId: string) => {
  const row = await api.store.get(channelsTable, { channelId });
  assert.ok(row);
  return row.columns;
};
const settingsOf = async (channelId: string): Promise<unknown> =>
  JSON.parse(createSealer(KEYS).open((await rowOf(channelId)).sealed ?? '', channelId));

test('a new channel has an id, a path and an ETag, and its settings are sealed', async () => {
  const { status, body, headers } = await api.send('POST', '/v1/channels', {
    json: {
      kind: 'dingtalk',
      url: ROBOT_URL,
      secret: ROBOT_SECRET,
      keyword: '天气',
      name: '家',
      locale: 'en',
    },
  });
  assert.equal(status, 201);
  const id = String(body.id);
  assert.match(id, /^dingtalk-[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual(
    [headers.location, headers.etag, headers['cache-control']],
    [`/v1/channels/${id}`, 'W/"1"', 'private, no-cache'],
  );
  const shown = {
    ...{ id, kind: 'dingtalk', url: 'https://oapi.dingtalk.com/…', name: '家', locale: 'en' },
    ...{ ownerChannelId: null, disabled: null, blockedUntil: null },
    ...{ createdAt: '2026-11-22T04:00:00.000Z', changedAt: '2026-11-22T04:00:00.000Z' },
  };
  assert.deepEqual(body, shown);
  assert.deepEqual((await api.send('GET', `/v1/channels/${id}`)).body, shown);
  assert.deepEqual(await settingsOf(id), { url: ROBOT_URL, secret: ROBOT_SECRET, keyword: '天气' });
  const unchanged = await api.send('GET', `/v1/channels/${id}`, { headers: { 'if-none-match': 'W/"1"' } });
  assert.equal(unchanged.status, 304);
});

const refused: readonly (readonly [name: string, fields: object, status: number, detail: string])[] = [
  ['an unknown kind', { kind: 'fax', url: ROBOT_URL }, 400, 'kind must be dingtalk or webhook'],
  ['no address', { kind: 'dingtalk' }, 400, 'url is missing; allowed: a text of 1 to 2000 characters'],
  [
    'null as a name',
    { kind: 'dingtalk', url: ROBOT_URL, name: null },
    400,
    'name must be a text of 1 to 100 characters',
  ],
  [
    'an unknown field',
    { kind: 'dingtalk', url: ROBOT_URL, hidden: 1 },
    400,
    '"hidden" is an unknown field; allowed: kind, url, secret, keyword, name, locale, ownerChannelId',
  ],
  [
    'an owner that does not exist',
    { kind: 'dingtalk', url: ROBOT_URL, ownerChannelId: 'nobody' },
    400,
    'ownerChannelId must be the id of another channel',
  ],
  [
    'a robot of another host',
    { kind: 'dingtalk', url: 'https://oapi.dingtalk.com.evil.example/robot/send?access_token=hidden' },
    422,
    'url must begin with https://oapi.dingtalk.com/robot/send, but has the host oapi.dingtalk.com.evil.example',
  ],
  [
    'a private address',
    { kind: 'webhook', url: 'https://10.0.0.1/hidden', secret: WEBHOOK_SECRET },
    422,
    'url has the private address 10.0.0.1; SLUICE_CHANNEL_ORIGINS lists exceptions',
  ],
  [
    'a webhook without a secret',
    WEBHOOK,
    422,
    'secret must be whsec_ and 24 to 64 bytes in base64; create one with: echo whsec_$(openssl rand -base64 32)',
  ],
];
for (const [name, json, status, detail] of refused)
  test(`refuses ${name}, and names the field`, async () => {
    const answer = await api.send('POST', '/v1/channels', { json, key: `refused ${name}` });
    assert.deepEqual([answer.status, answer.body.detail], [status, detail]);
    const [error] = answer.body.errors as { in: string; name: string; detail: string }[];
    assert.deepEqual(error, { in: 'body', name: detail.split(' ')[0]?.replaceAll('"', ''), detail });
  });

test('an origin of SLUICE_CHANNEL_ORIGINS may be private', async () => {
  const id = await createChannel(api, { url: `${PRIVATE_ORIGIN}/robot/send?access_token=hidden-local` });
  assert.equal((await api.send('GET', `/v1/channels/${id}`)).body.url, `${PRIVATE_ORIGIN}/…`);
});

test('a change keeps the settings that it does not name, and null removes one', async () => {
  const owner = await createChannel(api);
  const id = await createChannel(api, { keyword: '天气', name: 'old' });
  const changed = await api.send('PATCH', `/v1/channels/${id}`, {
    json: { keyword: null, name: null, locale: 'en', ownerChannelId: owner },
  });
  assert.deepEqual([changed.status, changed.headers.etag], [200, 'W/"2"']);
  assert.deepEqual(
    [changed.body.name, changed.body.locale, changed.body.ownerChannelId],
    [null, 'en', owner],
  );
  assert.deepEqual(await settingsOf(id), { url: ROBOT_URL, secret: ROBOT_SECRET });
  const itself = await api.send('PATCH', `/v1/channels/${id}`, { json: { ownerChannelId: id } });
  assert.equal(itself.status, 400);
  const unknownOwner = { name: 'not stored', ownerChannelId: 'nobody' };
  assert.equal((await api.send('PATCH', `/v1/channels/${id}`, { json: unknownOwner })).status, 400);
  assert.equal((await rowOf(id)).name, undefined, 'a refused change stores nothing');
  const rejected = await api.send('PATCH', `/v1/channels/${id}`, { json: { url: 'http://evil.example/' } });
  assert.deepEqual([rejected.status, rejected.body.type], [422, '/problems/channel-rejected']);
  assert.deepEqual(await settingsOf(id), { url: ROBOT_URL, secret: ROBOT_SECRET });
});

test('a new address with another origin needs the secret of its receiver', async () => {
  const id = await createChannel(api, { ...WEBHOOK, secret: WEBHOOK_SECRET });
  const move = (json: object) => api.send('PATCH', `/v1/channels/${id}`, { json });
  const { status, body } = await move({ url: 'https://other.example/hook' });
  const detail = 'secret is missing; a url with another origin needs the secret of its receiver';
  assert.deepEqual([status, body.detail], [422, detail]);
  assert.equal((await move({ url: `${WEBHOOK.url}-2` })).status, 200);
  const secret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  assert.equal((await move({ url: 'https://other.example/hook', secret })).status, 200);
  assert.deepEqual(await settingsOf(id), { url: 'https://other.example/hook', secret });
});

test('new settings, or disabled: false, enable a disabled channel again', async () => {
  for (const json of [{ url: `${ROBOT_URL}2` }, { disabled: false }]) {
    const id = await createChannel(api);
    await api.store.update(
      channelsTable,
      { channelId: id },
      {
        set: {
          ...{ disabledat: BigInt(Date.parse('2026-11-22T03:00:00Z')), disabledcode: '300005' },
          disabledbecause: JSON.stringify({ zh: '机器人不存在', en: 'the robot does not exist' }),
        },
      },
    );
    const { body } = await api.send('GET', `/v1/channels/${id}`, { headers: { 'if-none-match': 'W/"1"' } });
    assert.deepEqual(body.disabled, {
      ...{ at: '2026-11-22T03:00:00.000Z', code: '300005' },
      meaning: { zh: '机器人不存在', en: 'the robot does not exist' },
    });
    const test = await api.send('POST', `/v1/channels/${id}/test`);
    assert.equal(test.status, 409);
    assert.match(
      String(test.body.detail),
      /300005: the robot does not exist \(机器人不存在\); repair it with sluice channels change dingtalk-\w+, or with PATCH$/,
    );
    assert.equal(
      (await api.send('PATCH', `/v1/channels/${id}`, { json: { name: 'x' } })).body.disabled === null,
      false,
    );
    assert.equal((await api.send('PATCH', `/v1/channels/${id}`, { json })).body.disabled, null);
  }
});

test('a change of an old version is refused with 412, and changes nothing', async () => {
  const id = await createChannel(api, { name: 'first' });
  const headers = { 'if-match': 'W/"1"' };
  assert.equal(
    (await api.send('PATCH', `/v1/channels/${id}`, { json: { name: 'second' }, headers })).status,
    200,
  );
  for (const method of ['PATCH', 'DELETE']) {
    const lost = await api.send(method, `/v1/channels/${id}`, { json: { name: 'third' }, headers });
    assert.deepEqual([lost.status, lost.headers.etag], [412, 'W/"2"']);
  }
  assert.equal((await rowOf(id)).name, 'second');
  assert.equal(
    (await api.send('DELETE', `/v1/channels/${id}`, { headers: { 'if-match': '"2"' } })).status,
    204,
  );
});

test('of changes at the same time, none is lost: each is made on the version of the one before', async () => {
  const id = await createChannel(api);
  const owner = await createChannel(api);
  const changes = [{ name: 'new' }, { locale: 'en' }, { ownerChannelId: owner }, { keyword: '雨' }];
  const change = (json: object) =>
    until(
      'the change is made',
      async () => (await api.send('PATCH', `/v1/channels/${id}`, { json })).status === 200,
    );
  await Promise.all([...changes, ...changes, ...changes].map(change));
  const { name, locale, ownerchannelid, version = 0n } = await rowOf(id);
  assert.deepEqual([name, locale, ownerchannelid], ['new', 'en', owner]);
  assert.deepEqual(await settingsOf(id), { url: ROBOT_URL, secret: ROBOT_SECRET, keyword: '雨' });
  assert.ok(version >= 13n, `${version}`);
});

test('a channel with subscriptions is not deleted, and the answer says how many there are', async () => {
  const id = await createChannel(api);
  const subscriptions = [
    await createSubscription(api, { channelId: id }),
    await createSubscription(api, { channelId: id, adcode: '310000' }),
  ];
  const refusedDelete = await api.send('DELETE', `/v1/channels/${id}`);
  assert.equal(refusedDelete.status, 409);
  assert.equal(
    refusedDelete.body.detail,
    `channel ${id} is used by 2 subscriptions; delete them or give them another channel`,
  );
  for (const each of subscriptions)
    assert.equal((await api.send('DELETE', `/v1/subscriptions/${each}`)).status, 204);
  assert.equal((await api.send('DELETE', `/v1/channels/${id}`)).status, 204);
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/test'],
  ] as const) {
    const gone = await api.send(method, `/v1/channels/${id}${path}`, { json: {} });
    assert.deepEqual([gone.status, gone.body.type], [404, '/problems/channel-not-found'], method);
  }
});

test('a test waits for its result, and returns the code of the vendor with its meaning', async () => {
  const id = await createChannel(api);
  const meaning = { zh: '签名不正确', en: 'the signature is wrong' };
  let row: { deliveryId: string; content: unknown } | undefined;
  api.onWake(async (channelId) => {
    for await (const { key, columns } of api.store.range(deliveriesTable, { prefix: { channelId } })) {
      row = { deliveryId: key.deliveryId, content: JSON.parse(columns.content ?? '') };
      assert.deepEqual([columns.status, columns.until], ['due', (columns.dueat ?? 0n) + 600_000n]);
      const set = { status: 'failed', code: '310000', meaning: JSON.stringify(meaning) };
      await api.store.update(deliveriesTable, key, { set });
    }
  });
  const { status, body } = await api.send('POST', `/v1/channels/${id}/test`);
  api.onWake(async () => {});
  assert.deepEqual([status, body], [200, { status: 'failed', code: '310000', meaning }]);
  assert.match(row?.deliveryId ?? '', /^2026-11-22\.test\.[0-9A-Z]{26}$/);
  assert.match(JSON.stringify(row?.content), /^\{"kind":"text","title":"天气提醒测试"/);
  assert.ok(api.signalled.includes(`wake ${id}`));
});

test('a test that was sent after an earlier problem has no code', async () => {
  const id = await createChannel(api);
  api.onWake(async (channelId) => {
    for await (const { key } of api.store.range(deliveriesTable, { prefix: { channelId } })) {
      const set = { status: 'sent', code: '130101', meaning: JSON.stringify({ zh: '慢', en: 'slow' }) };
      await api.store.update(deliveriesTable, key, { set });
    }
  });
  const { body } = await api.send('POST', `/v1/channels/${id}/test`);
  api.onWake(async () => {});
  assert.deepEqual(body, { status: 'sent' });
});

test('the state that a sender writes after its channel was deleted is no channel', async () => {
  const id = await createChannel(api);
  assert.equal((await api.send('DELETE', `/v1/channels/${id}`)).status, 204);
  await api.store.update(channelsTable, { channelId: id }, { set: { attempts: '[1]' } });
  assert.equal((await api.send('GET', `/v1/channels/${id}`)).status, 404);
  assert.ok(!(await api.send('GET', '/v1/channels?limit=100')).text.includes(id));
  const json = { adcode: '110000', channelId: id };
  assert.equal((await api.send('POST', '/v1/subscriptions', { json })).status, 400);
});

test('channels are listed in pages', async (t) => {
  const own = await startAlertsApi(t);
  const ids = [];
  for (let count = 0; count < 5; count++) ids.push(await createChannel(own, { name: `channel ${count}` }));
  const found: unknown[] = [];
  let path = '/v1/channels?limit=2';
  for (let pages = 1; ; pages++) {
    const { body, status } = await own.send('GET', path);
    assert.equal(status, 200);
    found.push(...(body.items as { id: string }[]).map(({ id }) => id));
    if (body.next === null) {
      assert.equal(pages, 3);
      break;
    }
    path = `/v1/channels?limit=2&cursor=${body.next}`;
  }
  assert.deepEqual(found.sort(), ids.sort());
  const wrong = await own.send('GET', '/v1/channels?cursor=WyJhIiwiYiJd');
  assert.deepEqual(
    [wrong.status, wrong.body.detail],
    [400, 'cursor is "WyJhIiwiYiJd": it must be the `next` of a page'],
  );
});

test('without SLUICE_CHANNEL_KEYS, or with an unknown key, channels cannot be saved, and the answer says why', async (t) => {
  const withoutKeys = await startAlertsApi(t, { keys: [] });
  const created = await withoutKeys.send('POST', '/v1/channels', {
    json: { kind: 'dingtalk', url: ROBOT_URL },
  });
  assert.equal(created.status, 503);
  assert.match(String(created.body.detail), /^sealing dingtalk-\w{26}: SLUICE_CHANNEL_KEYS is not set$/);
  const id = await createChannel(api);
  const sealed = createSealer([Buffer.alloc(32, 9).toString('base64')]).seal('{}', id);
  await api.store.update(channelsTable, { channelId: id }, { set: { sealed } });
  const changed = await api.send('PATCH', `/v1/channels/${id}`, { json: { keyword: 'x' } });
  assert.equal(changed.status, 503);
  const json = { url: ROBOT_URL, secret: null, keyword: null };
  assert.equal((await api.send('PATCH', `/v1/channels/${id}`, { json })).status, 200);
  assert.deepEqual(await settingsOf(id), { url: ROBOT_URL });
  assert.equal(
    changed.body.detail,
    `opening ${id}: SLUICE_CHANNEL_KEYS does not have the key that sealed it`,
  );
});

test('no answer and no log line has an address, a token or a secret', () => {
  const everything =
    api.answers.map(({ text, headers }) => text + JSON.stringify(headers)).join('') + api.logged();
  assert.ok(api.answers.length > 30);
  for (const secret of ['hidden-', 'SEC', 'access_token=', 'whsec_A', '/T0/', WEBHOOK_SECRET])
    assert.ok(!everything.includes(secret), secret);
});
