import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AlertDeps } from '../../../activities/alerts/alert-deps.ts';
import { decideCity } from '../../../activities/alerts/decide-city.ts';
import { DEFAULT_CONDITION } from '../../../domain/alerts/condition.ts';
import type { SubscriptionDocument } from '../../../domain/alerts/subscription.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../../ports/alert-tables.ts';
import type { EmittedEvent } from '../../../ports/event-sink.ts';
import { freshnessTable, weatherTable } from '../../../ports/weather-tables.ts';
import { startLocalStore } from '../../support/local-store.ts';

const ADCODE = '110000';
const DATE = '2026-12-02';
const { signal } = new AbortController();

/** Parses a time in Beijing in December 2026, `01 20:00`, into epoch ms. */
const at = (time: string): number => Date.parse(`2026-12-${time.replace(' ', 'T')}+08:00`);

/** A place with a forecast of rain, one hour old, and no subscriptions. */
async function startPlace(t: TestContext) {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  let time = at('01 20:00');
  const fetched = new Date(at('01 19:00')).toISOString();
  const forecast = { dayweather: '小雨', nightweather: '多云', daytemp: '9', nighttemp: '1' };
  await store.put(
    weatherTable,
    { adcode: ADCODE, date: DATE },
    { ...forecast, provider: 'stand-in', fetched, revision: 0n },
  );
  await store.put(
    freshnessTable,
    { adcode: ADCODE },
    { checked: fetched, outcome: 'ok', provider: 'stand-in', succeeded: fetched, succeededby: 'stand-in' },
  );
  const events: EmittedEvent[] = [];
  const woken: { readonly channelId: string; readonly at: number }[] = [];
  const deps: AlertDeps = {
    store,
    runs: {
      wakeSender: async (channelId, instant) => void woken.push({ channelId, at: instant }),
      startCity: async () => true,
    },
    events: { delivers: true, emit: async (event) => void events.push(event) },
    openChannel: () => assert.fail('deciding opens no channel'),
    createMissingTables: async () => [],
    deliveryCounter: { inc: () => {} },
    clock: () => time,
    log: { warn: () => {} },
  };
  return {
    ...{ store, events, woken },
    async subscribe(
      id: string,
      channelid: string,
      changes: Partial<SubscriptionDocument> = {},
      adcode = ADCODE,
    ): Promise<void> {
      const document = {
        ...{ condition: DEFAULT_CONDITION, at: '20:00', tz: 'Asia/Shanghai', mode: 'alert' },
        ...{ holidays: 'keep', lateWindow: 'PT3H', correction: true, locale: 'zh', ...changes },
      };
      const columns = { channelid, document: JSON.stringify(document), createdat: 1n, version: 1n };
      await store.put(subscriptionsTable, { adcode, subscriptionId: `${adcode}-${id}` }, columns);
    },
    decide(now: string, adcode = ADCODE) {
      time = at(now);
      return decideCity(deps, { adcode, date: DATE, now: time, refreshedAt: at('01 19:45') }, signal);
    },
    async statuses(channelId: string): Promise<string[]> {
      const found: string[] = [];
      for await (const { columns } of store.range(deliveriesTable, { prefix: { channelId } }))
        found.push(columns.status ?? '');
      return found;
    },
  };
}

for (const [correction, wakeAt, end] of [
  [true, '02 09:00', 'the last correction window'],
  [false, '01 23:00', 'the late window'],
] as const)
  test(`after a due row ${correction ? 'with' : 'without'} corrections, the run decides again at the end of ${end}`, async (t) => {
    const place = await startPlace(t);
    await place.subscribe('A', 'group', { correction });
    const decision = await place.decide('01 20:00');
    assert.deepEqual(decision, {
      ...{ refresh: false, watchesForecast: true, open: 1, wakeAt: at(wakeAt) },
      mayContinueEarly: true,
    });
    assert.deepEqual(await place.statuses('group'), ['due']);
  });

test('a repetition writes nothing twice, and wakes the sender for the same instant again', async (t) => {
  const place = await startPlace(t);
  await place.subscribe('A', 'group');
  await place.decide('01 20:00');
  await place.decide('01 20:00');
  assert.deepEqual(await place.statuses('group'), ['due']);
  const [first, second] = place.woken;
  assert.equal(place.woken.length, 2);
  assert.deepEqual(first, second);
  assert.ok(Number(first?.at) > at('01 20:00'));
});

test('while a row waits for its sender, the run looks again after five minutes', async (t) => {
  const place = await startPlace(t);
  await place.subscribe('A', 'group');
  await place.decide('01 20:00');
  assert.equal((await place.decide('01 20:01')).wakeAt, at('01 20:06'));
  assert.equal((await place.decide('01 22:58')).wakeAt, at('01 23:00'));
});

test('one call wakes each channel once, however many subscriptions it has', async (t) => {
  const place = await startPlace(t);
  for (const id of ['A', 'B', 'C']) await place.subscribe(id, 'group');
  await place.subscribe('D', 'other');
  const { open } = await place.decide('01 20:00');
  assert.equal(open, 4);
  assert.deepEqual(place.woken.map(({ channelId }) => channelId).sort(), ['group', 'other']);
});

test('the earliest instant of all subscriptions is the next decision', async (t) => {
  const place = await startPlace(t);
  await place.subscribe('A', 'group', { at: '21:00' });
  await place.subscribe('B', 'group', { at: '20:30' });
  const decision = await place.decide('01 20:29');
  assert.deepEqual([decision.open, decision.wakeAt], [2, at('01 20:30')]);
  assert.deepEqual(await place.statuses('group'), []);
});

test('a place without subscriptions has nothing left to do', async (t) => {
  const place = await startPlace(t);
  assert.deepEqual(await place.decide('01 20:00'), {
    ...{ refresh: false, watchesForecast: false, open: 0 },
    mayContinueEarly: true,
  });
});

test('without a forecast, the owner gets one message for all subscriptions and places of a day', async (t) => {
  const place = await startPlace(t);
  const put = (channelId: string, owner?: string) =>
    place.store.put(channelsTable, { channelId }, { kind: 'x', ...(owner && { ownerchannelid: owner }) });
  await put('group', 'owner');
  await put('owner');
  await place.store.delete(weatherTable, { adcode: ADCODE, date: DATE });
  for (const id of ['A', 'B']) await place.subscribe(id, 'group');
  await place.decide('01 23:00');
  assert.deepEqual(await place.statuses('group'), ['no_data', 'no_data']);
  const codes = () => place.events.map(({ data }) => (data as { code: string }).code);
  assert.deepEqual([codes(), await place.statuses('owner')], [['no_data'], ['due']]);
  await place.subscribe('C', 'group', {}, '310000');
  await place.decide('01 23:01', '310000');
  assert.deepEqual([codes(), await place.statuses('owner')], [['no_data', 'no_data'], ['due']]);
});

test('a day whose messages are too late gives one event', async (t) => {
  const place = await startPlace(t);
  await place.store.put(channelsTable, { channelId: 'group' }, { kind: 'x' });
  for (const id of ['A', 'B']) await place.subscribe(id, 'group');
  await place.decide('01 23:00');
  assert.deepEqual(await place.statuses('group'), ['expired', 'expired']);
  assert.deepEqual(
    place.events.map(({ type, data }) => [type, (data as { code: string }).code]),
    [['sluice.alert.failed', 'late']],
  );
});
