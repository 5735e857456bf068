import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { subscriptionsTable } from '../../../ports/alert-tables.ts';
import { freshnessTable } from '../../../ports/weather-tables.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

/** The last refresh slot of the day: it may use all calls that the day has left. */
const LATE = Date.parse('2026-11-22T22:00:00+08:00');
const clock = (): number => LATE;

test('plans every place of the catalogue in each slot if there is no limit', async (t) => {
  const { deps, plan } = await startWeatherFixture(t);
  const { batches, known, allowance, spareCalls, note, provider } = await plan(deps());
  assert.equal(spareCalls, undefined);
  assert.deepEqual([known, allowance, note, provider], [allPlaces().length, null, '', 'stand-in']);
  assert.deepEqual(
    batches.flat().toSorted(),
    allPlaces()
      .map(({ adcode }) => adcode)
      .toSorted(),
  );
});

test('spends a small budget on subscribed places first, then on the places that were checked longest ago', async (t) => {
  const { deps, plan, store } = await startWeatherFixture(t);
  const subscribed = ['330106', '652826'];
  for (const adcode of subscribed)
    await store.put(subscriptionsTable, { adcode, subscriptionId: `${adcode}-1` }, {});
  const prefectures = allPlaces().filter(({ level }) => level !== 'county');
  const checked = prefectures.slice(0, -3).map(({ adcode }) => ({
    ...{ key: { adcode }, do: 'put' as const },
    columns: { checked: '2026-11-22T10:00:00.000Z', outcome: 'fresh' },
  }));
  await store.writeMany(freshnessTable, checked);
  const weatherDeps = deps({ limits: { perSecond: 10, perDay: 6 }, clock });
  const { batches, allowance } = await plan(weatherDeps);
  assert.equal(allowance, 6);
  const neverChecked = prefectures.slice(-3).map(({ adcode }) => adcode);
  assert.deepEqual(batches.flat().slice(0, 5), [...subscribed, ...neverChecked.toSorted()]);
  assert.equal(batches.flat().length, 6);
});

const DAY_MS = 24 * 3_600_000;
const lacking: readonly (readonly [condition: string, provider: string, days: number, isLast: boolean])[] = [
  ['this provider had no forecast for the place a day ago', 'stand-in', 1, true],
  ['this provider had no forecast for the place six days ago', 'stand-in', 6, true],
  ['this provider had no forecast for the place a week ago', 'stand-in', 7, false],
  ['another provider had no forecast for the place a day ago', 'open-meteo', 1, false],
];
for (const [condition, provider, days, isLast] of lacking)
  test(`plans a subscribed place ${isLast ? 'last' : 'first'} if ${condition}`, async (t) => {
    const { deps, plan, store } = await startWeatherFixture(t);
    await store.put(subscriptionsTable, { adcode: '330106', subscriptionId: '330106-1' }, {});
    const checked = new Date(LATE - days * DAY_MS).toISOString();
    await store.put(freshnessTable, { adcode: '330106' }, { outcome: 'unsupported', checked, provider });
    const { batches } = await plan(deps({ clock }));
    assert.deepEqual(batches.at(isLast ? -1 : 0), ['330106']);
    const small = await plan(deps({ clock, limits: { perSecond: 10, perDay: 10 } }));
    assert.equal(small.batches.flat().includes('330106'), !isLast);
  });

test('plans the first slot of the next day and month if the next possible call is after midnight', async (t) => {
  const { deps, plan } = await startWeatherFixture(t);
  const limits = { perSecond: 3, perMonth: 5_000 };
  let now = Date.parse('2026-11-30T21:00:00+08:00');
  const weatherDeps = deps({ limits, clock: () => now });
  await weatherDeps.budgetStore.reserve(160, 0);
  now = Date.parse('2026-11-30T23:59:20+08:00');
  await weatherDeps.budgetStore.slowDown(41_000);
  // 5,000 divided by 31 days and 8 refresh slots.
  const { allowance, day } = await plan(weatherDeps);
  assert.deepEqual([allowance, day], [20, '2026-12-01']);
});

test('if a refresh slot has more calls than places, plans the additional calls as spare calls', async (t) => {
  const { deps, plan } = await startWeatherFixture(t);
  const perDay = allPlaces().length + 65;
  const { allowance, spareCalls } = await plan(deps({ limits: { perSecond: 10, perDay }, clock }));
  assert.deepEqual([allowance, spareCalls], [perDay, 65]);
  const tight = await plan(deps({ limits: { perSecond: 10, perDay: 300 }, clock }));
  assert.equal(tight.spareCalls, 0);
});

test('plans nothing if the calls of the day are used up', async (t) => {
  const { deps, plan } = await startWeatherFixture(t);
  const weatherDeps = deps({ limits: { perSecond: 10, perDay: 5 }, clock });
  await weatherDeps.budgetStore.reserve(5, 0);
  const { batches, allowance } = await plan(weatherDeps);
  assert.deepEqual([batches, allowance], [[], 0]);
});
