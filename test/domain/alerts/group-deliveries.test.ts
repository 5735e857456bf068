import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupDeliveries, type OpenDelivery } from '../../../domain/alerts/group-deliveries.ts';
import { spreadMs } from '../../../domain/alerts/send-time.ts';
import { dayForecast } from './day-forecast.ts';

const DUE = Date.parse('2026-12-01T12:00:00Z');
const CHANNEL = 'group';

const row = (deliveryId: string, changes: Partial<OpenDelivery> = {}): OpenDelivery => ({
  ...{ channelId: CHANNEL, deliveryId, subscriptionId: deliveryId, adcode: '110000', date: '2026-12-02' },
  ...{ dueAt: DUE, createdAt: DUE + 200, until: DUE + 3_600_000, decision: undefined, claim: undefined },
  content: weather(),
  ...changes,
});

const weather = (changes: object = {}): OpenDelivery['content'] => ({
  ...{ kind: 'weather', locale: 'zh', tz: 'Asia/Shanghai', provider: 'amap' },
  forecast: dayForecast('2026-12-02', {}),
  ...changes,
});

const idsOf = (rows: readonly OpenDelivery[]): string[][] =>
  groupDeliveries(rows).map(({ deliveries }) => deliveries.map(({ deliveryId }) => deliveryId));

test('rows that are due together are one group, also if they were written at different times', () => {
  assert.deepEqual(idsOf([row('a'), row('b', { createdAt: DUE + 3_000 })]), [['a', 'b']]);
});

const different: readonly (readonly [string, Partial<OpenDelivery>])[] = [
  ['another day', { date: '2026-12-03' }],
  ['another due time', { dueAt: DUE + 60_000, createdAt: DUE + 60_200 }],
  ['another end of its time', { until: DUE + 7_200_000 }],
  ['another language', { content: weather({ locale: 'en' }) }],
  ['another zone', { content: weather({ tz: 'Asia/Urumqi' }) }],
  ['a text of its own', { content: { kind: 'text', title: 't', markdown: 'm' } }],
  ["the original's text", { content: weather({ text: '城市: 北京' }) }],
  [
    'a correction',
    { content: weather({ correction: { change: 'added', before: dayForecast('2026-12-02', {}) } }) },
  ],
];
for (const [what, changes] of different)
  test(`a row with ${what} is a group of its own`, () => {
    const groups = idsOf([row('a'), row('b', changes)]);
    assert.deepEqual(groups.flat().sort(), ['a', 'b']);
    assert.equal(groups.length, 2);
  });

test('a message that somebody asked for does not wait for the spread', () => {
  const [asked] = groupDeliveries([row('2026-12-02.110000-x.now-1')]);
  assert.equal(asked?.sendAt, DUE);
  const [usual] = groupDeliveries([row('2026-12-02.110000-x.0')]);
  assert.equal(usual?.sendAt, DUE + spreadMs(CHANNEL));
});

test('the rows of a claimed message stay together, and wait for their retry', () => {
  const claim = { messageId: 'm', part: undefined, tries: 1, retryAt: DUE + 600_000, maybeDuplicate: false };
  const [first, second] = groupDeliveries([row('a', { claim }), row('b'), row('c', { claim })]);
  assert.deepEqual(
    first?.deliveries.map(({ deliveryId }) => deliveryId),
    ['b'],
  );
  assert.deepEqual(
    second?.deliveries.map(({ deliveryId }) => deliveryId),
    ['a', 'c'],
  );
  assert.equal(first?.sendAt, DUE + spreadMs(CHANNEL));
  assert.equal(second?.sendAt, DUE + 600_000);
});

test('a claimed message whose attempt has no result is sent first', () => {
  const claim = { messageId: 'm', part: undefined, tries: 1, retryAt: undefined, maybeDuplicate: false };
  assert.deepEqual(idsOf([row('a'), row('b', { claim })]), [['b'], ['a']]);
});
