import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { TableStore } from '../../ports/table-store.ts';
import { startTablestore } from '../local/tablestore/running-tablestore.ts';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { type Answer, NOON, startApi, storeAt } from './running-api.ts';
import { DATES, storeCheck, storeDay, storePlace } from './stored-weather.ts';

const t = cleanupAfterAllTests();
let store: TableStore;
let get: (path: string, sent?: { headers?: Record<string, string> }) => Promise<Answer>;
before(async () => {
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  store = await storeAt(t, tablestore.endpoint);
  get = (await startApi(t, { store, clock: () => NOON })).get;
});
const datesOf = ({ body }: Answer): string[] => (body.days as { date: string }[]).map(({ date }) => date);

test('if the last check failed, old rows of its provider do not replace rows of the provider that succeeded last', async () => {
  const path = '/v1/cities/330100/forecast';
  await storePlace(store, '330100');
  await storeDay(store, '330100', '2026-11-25', {
    provider: 'open-meteo',
    fetched: '2026-11-20T03:00:00.000Z',
  });
  await storeCheck(store, '330100', { provider: 'open-meteo', succeededby: 'amap', outcome: 'transient' });
  const answer = await get(path);
  const { source, stale, issuedAt } = answer.body;
  assert.deepEqual([source, stale, issuedAt], ['amap', false, '2026-11-22T08:00:00+08:00']);
  assert.deepEqual(datesOf(answer), DATES.slice(0, 3));
  // The fourth day now has a row of another provider, which is not shown. The time of this change is not stored.
  assert.equal(answer.headers['last-modified'], undefined);
  const since = { 'if-modified-since': 'Sun, 22 Nov 2026 03:00:05 GMT' };
  assert.equal((await get(path, { headers: since })).status, 200);
});

test('a recent success of one provider does not make the rows of another provider fresh', async () => {
  await storePlace(store, '330200');
  await storeCheck(store, '330200', { provider: 'open-meteo', succeededby: 'open-meteo' });
  const { source, stale } = (await get('/v1/cities/330200/forecast')).body;
  assert.deepEqual([source, stale], ['amap', true]);
});

test('a report time in the future is not shown, and does not hide an older report time', async () => {
  await storePlace(store, '330300', { reporttime: '2026-11-01 08:00:00' });
  await storeDay(store, '330300', '2026-11-24', { reporttime: '2036-11-22 08:00:00' });
  await storeCheck(store, '330300', { issued: '2026-11-22 12:00:01' });
  const { issuedAt, stale } = (await get('/v1/cities/330300/forecast')).body;
  assert.deepEqual([issuedAt, stale], ['2026-11-01T08:00:00+08:00', true]);
});

test('a forecast without today is stale', async () => {
  await storeDay(store, '330400', '2026-11-25');
  await storeCheck(store, '330400');
  const answer = await get('/v1/cities/330400/forecast');
  assert.deepEqual(datesOf(answer), ['2026-11-25']);
  assert.equal(answer.body.stale, true);
});
