import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { declareTable, type Table } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { weatherTable } from '../../ports/weather-tables.ts';
import { startTablestore } from '../local/tablestore/running-tablestore.ts';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { type Answer, NOON, startApi, storeAt } from './running-api.ts';
import { DATES, storeCheck, storeDay, storePlace } from './stored-weather.ts';

const t = cleanupAfterAllTests();
let store: TableStore;
let nowMs = NOON;
let get: (path: string, sent?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>;
before(async () => {
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  store = await storeAt(t, tablestore.endpoint);
  get = (await startApi(t, { store, clock: () => nowMs })).get;
});
const atTime = async (iso: string, work: () => Promise<void>): Promise<void> => {
  nowMs = Date.parse(iso);
  await work().finally(() => {
    nowMs = NOON;
  });
};
const forecast = (adcode: string, query = ''): Promise<Answer> =>
  get(`/v1/cities/${adcode}/forecast${query}`);
const datesOf = ({ body }: Answer): string[] => (body.days as { date: string }[]).map(({ date }) => date);

test('a forecast has numbers, the meaning of texts, its provider and its age', async () => {
  await storePlace(store, '330100');
  await storeDay(store, '330100', '2026-11-22', { hash: 'x', revision: 2n });
  await storeDay(store, '330100', '2026-11-23', {
    ...{
      precipitationprobability: 80,
      precipitationmm: 2.5,
      daytemp: '',
      nighttemp: '3.5',
      daywind: '',
      daypower: '',
    },
    ...{ nightweather: '', nightwind: '', nightpower: '' },
  });
  const { status, body, headers } = await forecast('330100', '?days=2');
  assert.equal(status, 200);
  const rain = { text: '小雨', categories: ['rain'], severity: 1 };
  assert.deepEqual(body, {
    ...{ adcode: '330100', name: '杭州市', path: ['浙江省', '杭州市'] },
    ...{ source: 'amap', attribution: '高德天气', issuedAt: '2026-11-22T08:00:00+08:00' },
    ...{ fetchedAt: '2026-11-22T03:00:05.000Z', checkedAt: '2026-11-22T03:00:06.000Z', stale: false },
    days: [
      {
        ...{ date: '2026-11-22', weekday: 7, highC: 11, lowC: -8, revision: 2 },
        day: { ...rain, wind: { text: '东 4', direction: '东', min: 4, max: 4 } },
        night: {
          ...{ text: '小雨-中雨', categories: ['rain'], severity: 2 },
          wind: { text: '无风向 ≤3', direction: '无风向', min: 0, max: 3 },
        },
      },
      {
        ...{ date: '2026-11-23', weekday: 1, highC: null, lowC: 3.5, revision: 0 },
        ...{ day: { ...rain, wind: null }, night: null },
        precipitation: { probability: 80, millimetres: 2.5 },
      },
    ],
  });
  assert.equal(
    headers['cache-control'],
    'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400',
  );
});

test('days start today in Beijing, four by default', async () => {
  await storePlace(store, '330200');
  assert.deepEqual(datesOf(await forecast('330200')), [...DATES]);
  assert.deepEqual(datesOf(await forecast('330200', '?days=1')), [DATES[0]]);
  assert.deepEqual(datesOf(await forecast('330200', '?days=10')), [...DATES]);
  // In Beijing it is already the next day.
  await atTime('2026-11-22T16:00:00Z', async () =>
    assert.deepEqual(datesOf(await forecast('330200', '?days=2')), [DATES[1], DATES[2]]),
  );
  await atTime('2026-11-22T15:59:59Z', async () =>
    assert.deepEqual(datesOf(await forecast('330200', '?days=2')), [DATES[0], DATES[1]]),
  );
});

const stale: readonly (readonly [
  condition: string,
  check: Parameters<typeof storeCheck>[2],
  stale: boolean,
])[] = [
  ['the last success was 7 h ago', { succeeded: '2026-11-21T21:00:00.000Z' }, false],
  ['the last success was 7 h and 1 ms ago', { succeeded: '2026-11-21T20:59:59.999Z' }, true],
  [
    'the last check failed now, and the last success was an hour ago',
    { outcome: 'quota', checked: '2026-11-22T04:00:00.000Z' },
    false,
  ],
  ['no check has ever succeeded', { outcome: 'failed', succeeded: '' }, true],
];
for (const [condition, check, isStale] of stale) {
  test(`a forecast is ${isStale ? 'stale' : 'fresh'} if ${condition}`, async () => {
    await storePlace(store, '330400');
    await storeCheck(store, '330400', check);
    const { body } = await forecast('330400');
    assert.equal(body.stale, isStale);
    assert.equal(body.checkedAt, check?.checked ?? '2026-11-22T03:00:06.000Z');
  });
}

const issues: readonly (readonly [condition: string, row: string, check: string, stale: boolean])[] = [
  ['the report time is 24 h ago', '2026-11-21 12:00:00', '2026-11-21 12:00:00', false],
  ['the report time is 24 h and 1 s ago', '2026-11-21 11:59:59', '2026-11-21 11:59:59', true],
  [
    'the report time was three days ago, and the provider reported the same content again an hour ago',
    '2026-11-19 08:00:00',
    '2026-11-22 11:00:00',
    false,
  ],
  ['the report time is unknown', '', '', false],
  ['the report time is invalid', 'gestern', 'gestern', false],
];
for (const [condition, reporttime, issued, isStale] of issues) {
  test(`a forecast is ${isStale ? 'stale' : 'fresh'} if ${condition}`, async () => {
    await storePlace(store, '340100', { reporttime });
    await storeCheck(store, '340100', { issued });
    assert.equal((await forecast('340100')).body.stale, isStale);
  });
}

test('a report time of another provider does not keep a forecast fresh', async () => {
  await storePlace(store, '340200', { reporttime: '2026-11-19 08:00:00' });
  await storeCheck(store, '340200', { provider: 'stand-in', issued: '2026-11-22 11:00:00' });
  assert.equal((await forecast('340200')).body.stale, true);
});

test('a forecast that was never checked is stale', async () => {
  await storeDay(store, '330500', '2026-11-22');
  const { body } = await forecast('330500');
  assert.deepEqual([body.stale, body.checkedAt], [true, null]);
});

test('a check updates the report time, which is null if the provider reports none', async () => {
  await storePlace(store, '330600');
  const before = await forecast('330600');
  await storeCheck(store, '330600', { issued: '2026-11-22 11:00:00' });
  const later = await forecast('330600');
  assert.equal(later.body.issuedAt, '2026-11-22T11:00:00+08:00');
  assert.equal(later.headers.etag, before.headers.etag);
  await storePlace(store, '330600', { reporttime: '' });
  await storeCheck(store, '330600', { issued: '' });
  assert.equal((await forecast('330600')).body.issuedAt, null);
});

test('a report time of this second is shown, and a later one is ignored', async () => {
  for (const [reporttime, issuedAt] of [
    ['2026-11-22 12:00:00', '2026-11-22T12:00:00+08:00'],
    ['2026-11-22 12:00:01', null],
  ] as const) {
    await storePlace(store, '340700', { reporttime });
    await storeCheck(store, '340700', { issued: reporttime });
    assert.equal((await forecast('340700')).body.issuedAt, issuedAt);
  }
});

test('a forecast never combines two providers', async () => {
  const storeFrom = (date: string, provider: string, fetched: string) =>
    storeDay(store, '330700', date, { provider, fetched, hash: `${provider} ${date}` });
  await storeFrom('2026-11-22', 'amap', '2026-11-22T01:00:00.000Z');
  await storeFrom('2026-11-23', 'open-meteo', '2026-11-22T03:00:00.000Z');
  await storeFrom('2026-11-24', 'amap', '2026-11-22T02:00:00.000Z');
  const shown = async (provider: string) => {
    await storeCheck(store, '330700', { provider });
    const answer = await forecast('330700');
    return [answer.body.source, answer.body.attribution, ...datesOf(answer)];
  };
  assert.deepEqual(await shown('amap'), ['amap', '高德天气', '2026-11-22', '2026-11-24']);
  const openMeteo = ['open-meteo', 'Weather data by Open-Meteo.com (CC BY 4.0)', '2026-11-23'];
  assert.deepEqual(await shown('open-meteo'), openMeteo);
  // No day of the provider that succeeded last is stored. So the api shows the provider whose day was fetched last.
  assert.deepEqual(await shown('stand-in'), openMeteo);
});

test('a place without a forecast shows the forecast of its parent, and names it', async () => {
  await storePlace(store, '330300');
  await storeCheck(store, '330382', { outcome: 'unsupported', succeeded: '' });
  const { body, headers } = await forecast('330382');
  assert.deepEqual([body.adcode, body.name, body.path], ['330382', '乐清市', ['浙江省', '温州市', '乐清市']]);
  assert.deepEqual(body.inheritedFrom, { adcode: '330300', name: '温州市' });
  assert.equal(body.stale, false);
  assert.equal((body.days as unknown[]).length, 4);
  await storePlace(store, '330382', { dayweather: '晴' });
  const own = await forecast('330382');
  assert.equal('inheritedFrom' in own.body, false);
  assert.notEqual(own.headers.etag, headers.etag);
});

test('a place without any forecast is a 404 with its own problem type', async () => {
  const { status, body } = await forecast('450100');
  assert.equal(status, 404);
  assert.equal(body.type, '/problems/forecast-not-available');
  assert.equal(body.detail, 'no forecast is stored for 广西壮族自治区 南宁市 (450100) yet');
});

test('a code that has moved returns the forecast of its successor', async () => {
  await storePlace(store, '320614');
  const { status, body, headers } = await forecast('320684', '?days=2');
  assert.equal(status, 200);
  assert.deepEqual([body.adcode, body.movedFrom], ['320614', '320684']);
  assert.equal(headers['content-location'], '/v1/cities/320614/forecast?days=2');
  assert.equal((await forecast('999999')).body.type, '/problems/city-not-found');
});

test('the ETag changes only if the content changes, or if the forecast becomes stale or fresh', async () => {
  await storePlace(store, '330800');
  const tag = async (): Promise<string> => String((await forecast('330800')).headers.etag);
  const first = await tag();
  assert.match(first, /^W\/"[0-9a-f]{20}"$/);
  await storeDay(store, '330800', DATES[3], { hash: '330800-3', fetched: '2026-11-22T03:30:00.000Z' });
  await storeCheck(store, '330800', {
    checked: '2026-11-22T03:59:00.000Z',
    succeeded: '2026-11-22T03:59:00.000Z',
  });
  assert.equal(await tag(), first);
  for (const method of ['GET', 'HEAD']) {
    const again = await get('/v1/cities/330800/forecast', { method, headers: { 'if-none-match': first } });
    assert.deepEqual([again.status, again.text], [304, '']);
  }
  await storeDay(store, '330800', DATES[3], { hash: 'other', revision: 1n });
  const second = await tag();
  assert.notEqual(second, first);
  assert.equal(
    (await get('/v1/cities/330800/forecast', { headers: { 'if-none-match': first } })).status,
    200,
  );
  await storeCheck(store, '330800', { succeeded: '2026-11-21T00:00:00.000Z' });
  assert.notEqual(await tag(), second);
});

test('If-Modified-Since is respected, unless there is If-None-Match or the forecast is stale', async () => {
  await storePlace(store, '330900');
  const path = '/v1/cities/330900/forecast';
  const statusOf = async (headers: Record<string, string>): Promise<number> =>
    (await get(path, { headers })).status;
  const { headers } = await get(path);
  assert.equal(headers['last-modified'], 'Sun, 22 Nov 2026 03:00:05 GMT');
  assert.equal(await statusOf({ 'if-modified-since': 'Sun, 22 Nov 2026 03:00:05 GMT' }), 304);
  assert.equal(await statusOf({ 'if-modified-since': 'Sun, 22 Nov 2026 03:00:04 GMT' }), 200);
  assert.equal(await statusOf({ 'if-modified-since': 'yesterday' }), 200);
  const both = { 'if-modified-since': 'Sun, 22 Nov 2026 03:00:05 GMT', 'if-none-match': 'W/"other"' };
  assert.equal(await statusOf(both), 200);
  await storeCheck(store, '330900', { succeeded: '' });
  assert.equal((await get(path)).headers['last-modified'], undefined);
  assert.equal(await statusOf({ 'if-modified-since': 'Sun, 22 Nov 2026 03:00:05 GMT' }), 200);
});

test('a client does not get 304 if the forecast has become stale, or fresh again, since its last request', async () => {
  await storePlace(store, '340300', { reporttime: '2026-11-21 13:00:00' });
  await storeCheck(store, '340300', { issued: '2026-11-21 13:00:00', succeeded: '2026-11-22T05:00:00.000Z' });
  const paths = ['/v1/cities/340300/forecast', '/v1/forecasts?adcode=340300'];
  const old = '2026-11-22T05:00:01Z';
  const dated = new Date(old).toUTCString();
  const statusOf = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await get(path, { headers })).status;
  const firsts = await Promise.all(paths.map((path) => get(path)));
  const stale: Answer[] = [];
  for (const [index, path] of paths.entries()) {
    const { headers } = firsts[index] ?? assert.fail();
    assert.equal(headers['last-modified'], 'Sun, 22 Nov 2026 03:00:05 GMT');
    assert.equal(await statusOf(path, { 'if-none-match': String(headers.etag) }), 304);
    await atTime(old, async () => {
      const answer = await get(path);
      stale.push(answer);
      assert.match(answer.text, /"stale":true/);
      assert.equal(answer.headers['last-modified'], undefined);
      for (const since of [String(headers['last-modified']), dated])
        assert.equal(await statusOf(path, { 'if-modified-since': since }), 200);
      assert.equal(await statusOf(path, { 'if-none-match': String(headers.etag) }), 200);
      assert.equal(await statusOf(path, { 'if-none-match': String(answer.headers.etag) }), 304);
    });
  }
  // The same forecast with a new report time. No row of weather is written.
  await storeCheck(store, '340300', { issued: '2026-11-22 13:00:00', succeeded: '2026-11-22T05:00:02.000Z' });
  for (const [index, path] of paths.entries())
    await atTime('2026-11-22T05:00:03Z', async () => {
      assert.match((await get(path)).text, /"stale":false/);
      const { headers } = firsts[index] ?? assert.fail();
      assert.equal(await statusOf(path, { 'if-modified-since': String(headers['last-modified']) }), 304);
      assert.equal(await statusOf(path, { 'if-none-match': String(headers.etag) }), 304);
      // The stale answer had no Last-Modified, so a client may send the date of that answer.
      assert.equal(await statusOf(path, { 'if-modified-since': dated }), 200);
      assert.equal(await statusOf(path, { 'if-none-match': String(stale[index]?.headers.etag) }), 200);
    });
});

test('a list has the latest Last-Modified of its forecasts, and none if the date of one of them is unknown', async () => {
  for (const adcode of ['340400', '340500', '340600']) await storePlace(store, adcode);
  await storeDay(store, '340500', DATES[1], { fetched: '2026-11-22T03:30:00.000Z' });
  await storeCheck(store, '340600', { succeeded: '' });
  const lastModified = async (codes: string) =>
    (await get(`/v1/forecasts?adcode=${codes}`)).headers['last-modified'];
  assert.equal(await lastModified('340400,340500'), 'Sun, 22 Nov 2026 03:30:00 GMT');
  assert.equal(await lastModified('340400,340600'), undefined);
  // 450300 has no forecast, so there is no date.
  assert.equal(await lastModified('450300'), undefined);
});

test('several forecasts are in the order of the request, each place once, and the missing places are listed', async () => {
  await storePlace(store, '331000');
  await storePlace(store, '331100');
  const query = '/v1/forecasts?days=1&adcode=331100,331000,331100,450200,999999,330380';
  const { status, body, headers } = await get(query);
  assert.equal(status, 200);
  const { items, missing, unavailable } = body as Record<string, { adcode: string; nearest: unknown[] }[]>;
  assert.deepEqual(
    items?.map(({ adcode }) => adcode),
    ['331100', '331000'],
  );
  assert.deepEqual(unavailable, [{ adcode: '450200', name: '柳州市', path: ['广西壮族自治区', '柳州市'] }]);
  assert.deepEqual(
    missing?.map(({ adcode }) => adcode),
    ['999999', '330380'],
  );
  assert.equal(missing?.[0]?.nearest.length, 0);
  assert.ok((missing?.[1]?.nearest.length ?? 0) > 0);
  const again = await get(query, { headers: { 'if-none-match': String(headers.etag) } });
  assert.equal(again.status, 304);
});

test('if none of several codes is known, the answer is 404 and lists similar places for each code', async () => {
  const { status, body } = await get('/v1/forecasts?adcode=330389,999999');
  assert.equal(status, 404);
  assert.equal(body.type, '/problems/city-not-found');
  assert.deepEqual(
    (body.missing as { adcode: string }[]).map(({ adcode }) => adcode),
    ['330389', '999999'],
  );
});

test('many places with ten days each are read in one request', async () => {
  const prefix = Array.from({ length: 16 }, (_, index) => String(110101 + index));
  await storePlace(store, '110000');
  const codes = ['330100', '110000', ...prefix].join(',');
  const { status, body } = await get(`/v1/forecasts?days=10&adcode=${codes}`);
  assert.equal(status, 200);
  const items = body.items as { inheritedFrom?: { adcode: string } }[];
  assert.equal(items.filter(({ inheritedFrom }) => inheritedFrom?.adcode === '110000').length > 10, true);
});

test('a row of an unknown provider is shown with the provider’s name', async () => {
  await store.put(
    weatherTable,
    { adcode: '350100', date: '2026-11-22' },
    { provider: 'gone', dayweather: '怪雨' },
  );
  const { body } = await forecast('350100');
  assert.deepEqual(
    [body.source, body.attribution, body.fetchedAt, body.issuedAt],
    ['gone', 'gone', null, null],
  );
});

test('a column with another type than declared is omitted, and everything else is returned', async () => {
  for (const adcode of ['410000', '420000']) await storePlace(store, adcode);
  const wrong: Table = declareTable({ ...weatherTable, columns: { daytemp: 'integer' } });
  await store.update(wrong, { adcode: '410000', date: '2026-11-22' }, { set: { daytemp: 5n } });
  const { status, body } = await get('/v1/forecasts?adcode=410000,420000');
  assert.equal(status, 200);
  const items = body.items as { days: { highC: number | null; lowC: number | null }[] }[];
  assert.deepEqual(
    items.map(({ days }) => days.slice(0, 2).map(({ highC, lowC }) => [highC, lowC])),
    [
      [
        [null, -8],
        [11, -8],
      ],
      [
        [11, -8],
        [11, -8],
      ],
    ],
  );
});
