import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beijingDay,
  beijingMonth,
  beijingWallClock,
  daysLeftInMonth,
  nextBeijingMidnight,
} from '../../../domain/weather/beijing-time.ts';

for (const [at, wall] of [
  ['2026-11-22T03:04:05.999Z', '2026-11-22 11:04:05'],
  ['2026-11-22T15:59:59Z', '2026-11-22 23:59:59'],
  ['2026-12-31T16:00:00Z', '2027-01-01 00:00:00'],
] as const)
  test(`${at} is ${wall} in Beijing`, () => assert.equal(beijingWallClock(Date.parse(at)), wall));

const cases: readonly (readonly [at: string, day: string, midnight: string, daysLeft: number])[] = [
  ['2026-11-22T15:59:59.999Z', '2026-11-22', '2026-11-22T16:00:00Z', 9],
  ['2026-11-22T16:00:00Z', '2026-11-23', '2026-11-23T16:00:00Z', 8],
  ['2026-11-30T15:59:59Z', '2026-11-30', '2026-11-30T16:00:00Z', 1],
  ['2026-12-31T16:00:00Z', '2027-01-01', '2027-01-01T16:00:00Z', 31],
  ['2024-02-28T17:00:00Z', '2024-02-29', '2024-02-29T16:00:00Z', 1],
  ['2025-02-27T16:00:00Z', '2025-02-28', '2025-02-28T16:00:00Z', 1],
];
for (const [at, day, midnight, daysLeft] of cases)
  test(`${at} is on ${day} in Beijing, with ${daysLeft} days left in the month`, () => {
    const instant = Date.parse(at);
    assert.equal(beijingDay(instant), day);
    assert.equal(beijingMonth(instant), day.slice(0, 7));
    assert.equal(nextBeijingMidnight(instant), Date.parse(midnight));
    assert.equal(daysLeftInMonth(instant), daysLeft);
  });
