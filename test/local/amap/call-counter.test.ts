import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallCounter } from '../../../local/amap/call-counter.ts';

const AT = Date.parse('2026-07-01T12:00:00Z');

const shown = (calls: CallCounter) =>
  calls.show() as { mostInASecond: number; bySecond: object; total: number };

test('finds the most calls in any period of one second', () => {
  const calls = new CallCounter();
  for (const ms of [0, 900, 950, 1_001, 1_050, 1_899, 1_900, 3_000]) calls.recordCall('110000', AT + ms, ms);
  const { mostInASecond, bySecond } = shown(calls);
  // From 900 to just before 1,900.
  assert.equal(mostInASecond, 5);
  assert.deepEqual(bySecond, {
    '2026-07-01T12:00:00.000Z': 3,
    '2026-07-01T12:00:01.000Z': 4,
    '2026-07-01T12:00:03.000Z': 1,
  });
});

test('keeps separate counts only for the last 3,600 seconds with calls', () => {
  const calls = new CallCounter();
  for (let second = 0; second < 4_000; second++)
    calls.recordCall('110000', AT + second * 1_000, second * 1_000);
  const { bySecond, total } = shown(calls);
  assert.equal(Object.keys(bySecond).length, 3_600);
  assert.equal(total, 4_000);
});
