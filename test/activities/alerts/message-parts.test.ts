import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageParts } from '../../../activities/alerts/message-parts.ts';
import type { OpenDelivery } from '../../../domain/alerts/group-deliveries.ts';
import { dayForecast } from '../../domain/alerts/day-forecast.ts';

const DUE = Date.parse('2026-12-01T12:00:00Z');
const DATE = '2026-12-02';
const SECOND = 1_000;

/** A due row about rain in Beijing. */
function delivery(changes: Partial<OpenDelivery> = {}): OpenDelivery {
  return {
    ...{ channelId: 'c', deliveryId: `${DATE}.s.0`, adcode: '110000', date: DATE },
    ...{ dueAt: DUE, sendAt: DUE, until: DUE + 3_600_000, claim: undefined },
    decision: { matched: [], severity: 1 },
    content: {
      ...{ kind: 'alert', locale: 'zh', tz: 'Asia/Shanghai', provider: 'amap' },
      ...{ issuedAt: DUE - 3_600_000, forecast: dayForecast(DATE, { dayweather: '小雨' }) },
    },
    ...changes,
  } as OpenDelivery;
}

const options = { id: 'abcdefgh', maxBytes: 18_000, keyword: undefined, part: undefined };
const textOf = (now: number, ...deliveries: [OpenDelivery, ...OpenDelivery[]]): string =>
  messageParts(deliveries, { ...options, now })
    .map(({ text }) => text.markdown)
    .join('\n');

for (const [seconds, isLate] of [
  [120, false],
  [121, true],
] as const)
  test(`a message ${seconds} seconds after its due time is ${isLate ? '' : 'not '}marked as late`, () => {
    const text = textOf(DUE + seconds * SECOND, delivery());
    assert.equal(/迟|晚/.test(text), isLate, text);
  });

test('two subscriptions of one place are one line, with the more severe decision', () => {
  const [part, ...more] = messageParts(
    [delivery({ decision: { matched: [], severity: 1 } }), delivery({ deliveryId: `${DATE}.t.0` })],
    { ...options, now: DUE },
  );
  assert.deepEqual(more, []);
  assert.equal(part?.deliveries.length, 2);
  assert.equal(part?.text.markdown.split('北京').length, 2, part?.text.markdown);
});

test('a message names its id by the first four characters', () => {
  assert.match(textOf(DUE, delivery()), /abcd/);
  assert.doesNotMatch(textOf(DUE, delivery()), /abcde/);
});
