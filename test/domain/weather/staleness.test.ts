import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ForecastTimes, isStale } from '../../../domain/weather/staleness.ts';

const NOW = Date.parse('2026-11-22T20:00:00+08:00');
const HOUR = 3_600_000;
const AFTER = { staleAfterMs: 7 * HOUR, issueStaleAfterMs: 24 * HOUR };
const FRESH: ForecastTimes = { succeededMs: NOW, issuedMs: NOW, firstDay: '2026-11-22' };

const rows: readonly (readonly [string, Partial<ForecastTimes>, boolean])[] = [
  ['from now is fresh', {}, false],
  ['whose last success is exactly as old as the limit is fresh', { succeededMs: NOW - 7 * HOUR }, false],
  [
    'whose last success is a millisecond older than the limit is stale',
    { succeededMs: NOW - 7 * HOUR - 1 },
    true,
  ],
  ['without any success is stale', { succeededMs: undefined }, true],
  ['whose report time is exactly as old as the limit is fresh', { issuedMs: NOW - 24 * HOUR }, false],
  [
    'whose report time is a millisecond older than the limit is stale',
    { issuedMs: NOW - 24 * HOUR - 1 },
    true,
  ],
  ['without a report time is fresh', { issuedMs: undefined }, false],
  ['that starts tomorrow is stale', { firstDay: '2026-11-23' }, true],
  ['that starts yesterday is stale', { firstDay: '2026-11-21' }, true],
  ['without a day is stale', { firstDay: undefined }, true],
];
for (const [what, times, stale] of rows)
  test(`a forecast ${what}`, () => assert.equal(isStale({ ...FRESH, ...times }, AFTER, NOW), stale));

test('compares a forecast’s first day with the day in Beijing', () => {
  const now = Date.parse('2026-11-22T16:00:00Z');
  assert.equal(isStale({ succeededMs: now, issuedMs: now, firstDay: '2026-11-23' }, AFTER, now), false);
});
