import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { deliveriesTable, subscriptionsTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { NOON } from '../running-api.ts';
import { storeCheck, storeDay, storePlace } from '../stored-weather.ts';
import { type AlertsApi, createChannel, createSubscription, startAlertsApi } from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api, { locale: 'en' });
});

const rowOf = async (id: string) => {
  const row = await api.store.get(subscriptionsTable, { adcode: id.slice(0, 6), subscriptionId: id });
  assert.ok(row);
  return row.columns;
};
const get = async (id: string) => (await api.send('GET', `/v1/subscriptions/${id}`)).body;

test('a new subscription has the defaults and the language of its channel, and its place is told', async () => {
  const { status, body, headers } = await api.send('POST', '/v1/subscriptions', {
    json: { adcode: '330101', channelId },
  });
  assert.equal(status, 201);
  const id = String(body.id);
  assert.match(id, /^330100-[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual([headers.location, headers.etag], [`/v1/subscriptions/${id}`, 'W/"1"']);
  const shown = {
    ...{ id, adcode: '330100', channelId, condition: { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] } },
    ...{ at: '20:00', tz: 'Asia/Shanghai', mode: 'alert', holidays: 'keep', lateWindow: 'PT3H' },
    ...{ correction: true, locale: 'en', paused: false, mutedUntil: null },
    ...{ createdAt: '2026-11-22T04:00:00.000Z', changedAt: '2026-11-22T04:00:00.000Z' },
  };
  assert.deepEqual(body, shown);
  assert.deepEqual(await get(id), shown);
  assert.equal(api.signalled.at(-1), 'changed 330100');
});

test('all wrong fields are reported together, and nothing is stored', async () => {
  const { status, body } = await api.send('POST', '/v1/subscriptions', {
    json: { adcode: '110000', channelId: 'nobody', at: '25:00', tz: 'Mars/Base', date: '2026-11-22' },
  });
  assert.equal(status, 400);
  assert.equal(body.type, '/problems/invalid-parameter');
  assert.deepEqual(
    (body.errors as { in: string; name: string }[]).map((error) => `${error.in} ${error.name}`),
    ['body at', 'body tz', 'body channelId'],
  );
  assert.equal(body.detail, 'at is "25:00"; allowed: a time from 00:00 to 23:59, such as 20:00, and 2 more');
  const { body: list } = await api.send('GET', '/v1/subscriptions?adcode=110000');
  assert.deepEqual(list.items, []);
});

test('a change keeps the other fields, raises the version, and tells the place', async () => {
  const id = await createSubscription(api, { channelId, at: '07:00', days: [1, 2] });
  const before = api.signalled.length;
  const changed = await api.send('PATCH', `/v1/subscriptions/${id}`, {
    json: { at: '21:30', days: null },
    headers: { 'if-match': 'W/"1"' },
  });
  assert.deepEqual(
    [changed.status, changed.headers.etag, changed.body.at, changed.body.days],
    [200, 'W/"2"', '21:30', undefined],
  );
  assert.deepEqual(api.signalled.slice(before), ['changed 110000']);
  const lost = await api.send('PATCH', `/v1/subscriptions/${id}`, {
    json: { at: '22:00' },
    headers: { 'if-match': 'W/"1"' },
  });
  assert.equal(lost.status, 412);
  const moved = await api.send('PATCH', `/v1/subscriptions/${id}`, { json: { adcode: '310000' } });
  assert.equal(moved.body.detail, 'adcode cannot be changed; create another subscription');
  assert.equal((await get(id)).at, '21:30');
});

test('a change can name another channel that exists', async () => {
  const id = await createSubscription(api, { channelId });
  const other = await createChannel(api);
  const refused = await api.send('PATCH', `/v1/subscriptions/${id}`, { json: { channelId: 'nobody' } });
  assert.deepEqual(
    [refused.status, refused.body.detail],
    [400, 'channelId is "nobody"; allowed: the id of a channel, as in GET /v1/channels'],
  );
  await api.send('PATCH', `/v1/subscriptions/${id}`, { json: { channelId: other } });
  assert.equal((await rowOf(id)).channelid, other);
});

test('a deleted subscription keeps its row, is told to its place, and is then not found', async () => {
  const id = await createSubscription(api, { channelId });
  const before = api.signalled.length;
  assert.equal((await api.send('DELETE', `/v1/subscriptions/${id}`)).status, 204);
  assert.deepEqual(api.signalled.slice(before), ['changed 110000']);
  assert.equal((await rowOf(id)).deletedat, BigInt(NOON));
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/preview'],
    ['POST', '/pause'],
    ['POST', '/send-now'],
  ] as const) {
    const { status, body } = await api.send(method, `/v1/subscriptions/${id}${path}`);
    assert.deepEqual([status, body.type], [404, '/problems/subscription-not-found'], `${method} ${path}`);
  }
  const { body } = await api.send('GET', '/v1/subscriptions?limit=100');
  assert.ok(!JSON.stringify(body.items).includes(id));
});

for (const id of ['x', '110000', '110000-lowercase', '999999-01ARZ3NDEK0000000000000000'])
  test(`the id ${id} is not found`, async () =>
    assert.equal((await api.send('GET', `/v1/subscriptions/${id}`)).status, 404));

test('pause, resume and mute change the state, and are told to the place', async () => {
  const id = await createSubscription(api, { channelId });
  const path = `/v1/subscriptions/${id}`;
  const before = api.signalled.length;
  assert.equal((await api.send('POST', `${path}/pause`)).body.paused, true);
  const until = '2026-11-24T08:00:00+08:00';
  const muted = await api.send('POST', `${path}/mute`, { json: { until } });
  assert.deepEqual(
    [muted.status, muted.body.mutedUntil, muted.body.paused],
    [200, '2026-11-24T00:00:00.000Z', true],
  );
  const resumed = await api.send('POST', `${path}/resume`);
  assert.deepEqual([resumed.body.paused, resumed.body.mutedUntil], [false, null]);
  await api.send('POST', `${path}/mute`, { json: { until } });
  assert.equal((await api.send('POST', `${path}/mute`, { json: { until: null } })).body.mutedUntil, null);
  assert.equal(api.signalled.length, before + 5);
});

const wrongMutes: readonly (readonly [json: unknown, detail: string])[] = [
  [{}, 'until is missing'],
  [{ until: '2026-11-22T12:00:00+08:00' }, 'until is "2026-11-22T12:00:00+08:00"'],
  [{ until: '2028-01-01T00:00:00Z' }, 'until is "2028-01-01T00:00:00Z"'],
  [{ until: 'tomorrow' }, 'until is "tomorrow"'],
  [[], 'until is missing'],
];
for (const [json, detail] of wrongMutes)
  test(`a mute with ${JSON.stringify(json)} is refused`, async () => {
    const id = await createSubscription(api, { channelId });
    const answer = await api.send('POST', `/v1/subscriptions/${id}/mute`, { json });
    assert.equal(answer.status, 400);
    assert.equal(
      answer.body.detail,
      `${detail}; allowed: a time in the next 366 days, such as 2026-11-22T20:00:00+08:00, or null to end this`,
    );
  });

test('while Temporal is down, a change is stored and answered 503, and its repetition is signalled', async () => {
  const json = { adcode: '510100', channelId };
  api.setTemporalDown(true);
  const failed = await api.send('POST', '/v1/subscriptions', { json, key: 'temporal-is-down' });
  assert.deepEqual([failed.status, failed.headers['retry-after']], [503, '2']);
  assert.equal(failed.body.detail, 'Temporal is not available; retry later');
  api.setTemporalDown(false);
  const before = api.signalled.length;
  const repeated = await api.send('POST', '/v1/subscriptions', { json, key: 'temporal-is-down' });
  assert.equal(repeated.status, 201);
  assert.deepEqual(api.signalled.slice(before), ['changed 510100']);
  const { body } = await api.send('GET', '/v1/subscriptions?adcode=510100');
  assert.equal((body.items as unknown[]).length, 1);
  api.setTemporalDown(true);
  assert.equal((await api.send('DELETE', `/v1/subscriptions/${repeated.body.id}`)).status, 503);
  api.setTemporalDown(false);
  assert.equal((await api.send('DELETE', `/v1/subscriptions/${repeated.body.id}`)).status, 404);
  assert.deepEqual(api.signalled.slice(before + 1), ['changed 510100']);
});

test('subscriptions are listed in pages, by place and by channel', async (t) => {
  const own = await startAlertsApi(t);
  const [one, two] = [await createChannel(own), await createChannel(own)];
  const ids: string[] = [];
  for (const adcode of ['310000', '110000', '440100'])
    for (const channel of [one, two, one])
      ids.push(await createSubscription(own, { adcode, channelId: channel }));
  const listOf = async (query: string): Promise<string[]> => {
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const { body, status, text } = await own.send('GET', `/v1/subscriptions?limit=2${query}${cursor}`);
      assert.equal(status, 200, text);
      const items = body.items as { id: string }[];
      assert.ok(items.length <= 2);
      found.push(...items.map(({ id }) => id));
      if (body.next === null) return found;
      cursor = `&cursor=${body.next}`;
    }
  };
  const sorted = [...ids].sort();
  assert.deepEqual(await listOf(''), sorted);
  assert.deepEqual(
    await listOf('&adcode=110000'),
    sorted.filter((id) => id.startsWith('110000')),
  );
  assert.equal((await listOf(`&channelId=${two}`)).length, 3);
  assert.equal((await listOf(`&channelId=${two}&adcode=310000`)).length, 1);
  assert.deepEqual(await listOf('&channelId=nobody'), []);
  const { body } = await own.send('GET', '/v1/subscriptions?limit=1');
  const foreign = await own.send('GET', `/v1/subscriptions?adcode=440100&cursor=${body.next}`);
  assert.equal(foreign.status, 400);
});

const TOMORROW = '2026-11-23';
const preview = async (id: string) => {
  const { status, body, text } = await api.send('GET', `/v1/subscriptions/${id}/preview`);
  assert.equal(status, 200, text);
  return body;
};

test('a preview shows what would be sent now, and the values that decide', async () => {
  await storePlace(api.store, '320100');
  await storeCheck(api.store, '320100');
  const id = await createSubscription(api, { adcode: '320100', channelId, locale: 'zh' });
  const { forecast, text, ...rest } = await preview(id);
  const value = (field: string, found: string) => ({ date: TOMORROW, field, text: found });
  assert.deepEqual(rest, {
    ...{ date: TOMORROW, dueAt: '2026-11-22T12:00:00.000Z', wouldSend: true, reason: 'match' },
    clauses: [
      {
        ...{ id: 'any[0]', result: true },
        decidedBy: [value('dayweather', '小雨'), value('nightweather', '小雨-中雨')],
      },
      {
        ...{ id: 'any[1]', result: false },
        decidedBy: [value('dayweather', '小雨'), value('nightweather', '小雨-中雨')],
      },
    ],
    holidayData: 'known',
  });
  assert.deepEqual((forecast as { daytemp: string }).daytemp, '11');
  const { title, markdown } = text as { title: string; markdown: string };
  assert.equal(title, '明天南京有雨，记得带伞');
  assert.match(
    markdown,
    /^### 明天（11月23日 周一）天气提醒\n\n\*\*南京\*\* 小雨转小雨-中雨 11\/-8℃ 东风4级 带伞\n/,
  );
  assert.match(markdown, /高德天气 11-22 08:00 发布 · 12:00 生成/);
});

test('a preview says why nothing would be sent', async () => {
  await storePlace(api.store, '320200', { dayweather: '晴', nightweather: '多云' });
  const reasonOf = async (fields: object, action?: readonly [path: string, json?: unknown]) => {
    const id = await createSubscription(api, { adcode: '320200', channelId, ...fields });
    if (action !== undefined)
      await api.send('POST', `/v1/subscriptions/${id}/${action[0]}`, { json: action[1] });
    const { wouldSend, reason } = await preview(id);
    return [wouldSend, reason];
  };
  assert.deepEqual(await reasonOf({}), [false, 'no_match']);
  assert.deepEqual(await reasonOf({ mode: 'always' }), [true, 'always']);
  assert.deepEqual(await reasonOf({ mode: 'always', days: [2] }), [false, 'not_a_day']);
  assert.deepEqual(await reasonOf({ mode: 'always' }, ['pause']), [false, 'paused']);
  const mute = { until: '2026-11-22T20:01:00+08:00' };
  assert.deepEqual(await reasonOf({ mode: 'always' }, ['mute', mute]), [false, 'muted']);
  const earlier = { until: '2026-11-22T19:59:00+08:00' };
  assert.deepEqual(await reasonOf({ mode: 'always' }, ['mute', earlier]), [true, 'always']);
});

test('a preview without a forecast, with an old one, or of a year without holidays says so', async () => {
  const missing = await preview(await createSubscription(api, { adcode: '320300', channelId }));
  assert.deepEqual(
    [missing.wouldSend, missing.reason, missing.forecast, missing.text, missing.clauses],
    [false, 'no_data', null, null, []],
  );
  await storeDay(api.store, '320400', TOMORROW, { fetched: '2026-11-21T03:00:00.000Z' });
  const old = await preview(await createSubscription(api, { adcode: '320400', channelId }));
  assert.deepEqual(
    [old.wouldSend, old.reason, old.staleSince],
    [false, 'no_data', '2026-11-21T03:00:00.000Z'],
  );
  assert.match((old.text as { markdown: string }).markdown, /data of 11-21 11:00/);
  await storeDay(api.store, '320500', '2039-05-04');
  const far = await preview(
    await createSubscription(api, { adcode: '320500', channelId, date: '2039-05-04' }),
  );
  assert.deepEqual([far.date, far.holidayData], ['2039-05-04', 'unknown']);
});

test('send-now writes what the preview shows to the ledger, whatever the condition says, and wakes the sender', async () => {
  await storePlace(api.store, '320600', { dayweather: '晴', nightweather: '多云' });
  const id = await createSubscription(api, { adcode: '320600', channelId });
  const { status, body } = await api.send('POST', `/v1/subscriptions/${id}/send-now`, { key: 'send it' });
  assert.equal(status, 202);
  assert.equal(api.signalled.at(-1), `wake ${channelId}`);
  assert.deepEqual(
    [body.kind, body.status, body.subscriptionId, body.adcode, body.date, body.dueAt, body.until],
    [...['now', 'due', id, '320600', TOMORROW], ...['2026-11-22T04:00:00.000Z', '2026-11-22T07:00:00.000Z']],
  );
  assert.deepEqual(body.decision, { matched: [], severity: 0 });
  const [, deliveryId = ''] = String(body.id).split('~');
  const row = await api.store.get(deliveriesTable, { channelId, deliveryId });
  const content = JSON.parse(row?.columns.content ?? '');
  assert.deepEqual(
    [content.kind, content.locale, content.tz, content.provider, content.forecast.dayweather],
    ['weather', 'en', 'Asia/Shanghai', 'amap', '晴'],
  );
  const repeated = await api.send('POST', `/v1/subscriptions/${id}/send-now`, { key: 'send it' });
  assert.equal(repeated.body.id, body.id);
  const again = await api.send('POST', `/v1/subscriptions/${id}/send-now`);
  assert.notEqual(again.body.id, body.id);
});

test('send-now is refused without a forecast', async () => {
  const id = await createSubscription(api, { adcode: '320700', channelId });
  const { status, body } = await api.send('POST', `/v1/subscriptions/${id}/send-now`);
  assert.deepEqual(
    [status, body.type, body.detail],
    [404, '/problems/forecast-not-available', `no forecast of 320700 for ${TOMORROW} is stored yet`],
  );
});
