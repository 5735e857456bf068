import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAttempt, nextAttemptAt } from '../../../domain/alerts/attempt-limit.ts';

const NOW = 1_000_000;

const cases: readonly (readonly [string, readonly number[], number | undefined, number])[] = [
  ['without a limit, an attempt is allowed at once', [NOW, NOW, NOW], undefined, NOW],
  ['without attempts, one is allowed at once', [], 2, NOW],
  ['below the limit, an attempt is allowed at once', [NOW], 2, NOW],
  ['at the limit, the oldest attempt must be 61 seconds ago', [NOW - 1_000, NOW], 2, NOW + 60_000],
  ['only the latest attempts count', [NOW - 90_000, NOW - 1_000, NOW], 2, NOW + 60_000],
  ['an attempt 61 seconds ago does not count', [NOW - 61_000, NOW], 2, NOW],
  ['an attempt 60.999 seconds ago counts', [NOW - 60_999, NOW], 2, NOW + 1],
];
for (const [what, attempts, perMinute, expected] of cases)
  test(what, () => assert.equal(nextAttemptAt(attempts, perMinute, NOW), expected));

test('keeps as many attempts as the limit needs, the latest last', () => {
  assert.deepEqual(addAttempt([1, 2], 2, 3), [2, 3]);
  assert.deepEqual(addAttempt([], 2, 3), [3]);
  assert.deepEqual(addAttempt([1, 2], undefined, 3), []);
});

test('a limit of 18 lets 45 attempts through in three minutes, and never 19 in a minute', () => {
  let attempts: number[] = [];
  const made: number[] = [];
  let now = NOW;
  for (let number = 0; number < 45; number++) {
    now = nextAttemptAt(attempts, 18, now);
    attempts = addAttempt(attempts, 18, now);
    made.push(now);
  }
  assert.ok(made.every((at) => made.filter((other) => other > at - 60_000 && other <= at).length <= 18));
  assert.equal(made.at(-1), NOW + 2 * 61_000);
});
