import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysToPlan } from '../../../domain/alerts/days-to-plan.ts';

/** 00:00 and 23:59 of 2026-12-01 in Beijing. */
const MIDNIGHT = Date.parse('2026-11-30T16:00:00Z');
const LAST_MINUTE = Date.parse('2026-12-01T15:59:00Z');

const cases: readonly (readonly [string, number, string | undefined, readonly string[]])[] = [
  ['the first pass starts tomorrow', MIDNIGHT, undefined, ['2026-12-02']],
  ['tomorrow is Beijing’s, until the last minute', LAST_MINUTE, undefined, ['2026-12-02']],
  ['after yesterday’s pass, starts tomorrow', MIDNIGHT, '2026-12-01', ['2026-12-02']],
  ['a second pass on the same day starts tomorrow again', LAST_MINUTE, '2026-12-02', ['2026-12-02']],
  ['a pass that is planned ahead starts tomorrow', MIDNIGHT, '2026-12-05', ['2026-12-02']],
  [
    'after three missed passes, starts the missed days, too',
    MIDNIGHT,
    '2026-11-28',
    ['2026-11-29', '2026-11-30', '2026-12-01', '2026-12-02'],
  ],
];
for (const [what, now, through, expected] of cases)
  test(what, () => assert.deepEqual(daysToPlan(now, through), expected));

test('after a long pause, starts at most seven days', () => {
  const days = daysToPlan(MIDNIGHT, '2026-01-01');
  assert.deepEqual([days.length, days[0], days.at(-1)], [7, '2026-11-26', '2026-12-02']);
});
