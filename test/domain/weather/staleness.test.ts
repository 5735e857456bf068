import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ForecastTimes, isStale } from '../../../domain/weather/staleness.ts';

const NOW = Date.parse('2026-11-22T20:00:00+08:00');
const HOUR = 3_600_000;
const AFTER = { staleAfterMs: 7 * HOUR, issueStaleAfterMs: 24 * HOUR };
const FRESH: ForecastTimes = { succeededMs: NOW, issuedMs: NOW, firstDay: '2026-11-22' };

const rows: readonly (readonly [string, Partial<ForecastTimes>, boolean])[] = [
  ['is fresh if its last success and its report time are now', {}, false],
  ['is fresh if the age of its last success equals the limit', { succeededMs: NOW - 7 * HOUR }, false],
  ['is stale if its last success is 1 ms older than the limit', { succeededMs: NOW - 7 * HOUR - 1 }, true],
  ['is stale if no check has succeeded', { succeededMs: undefined }, true],
  ['is fresh if the age of its report time equals the limit', { issuedMs: NOW - 24 * HOUR }, false],
  ['is stale if its report time is 1 ms older than the limit', { issuedMs: NOW - 24 * HOUR - 1 }, true],
  ['is fresh if it has no report time', { issuedMs: undefined }, false],
  ['is stale if it starts tomorrow', { firstDay: '2026-11-23' }, true],
  ['is stale if it starts yesterday', { firstDay: '2026-11-21' }, true],
  ['is stale if it has no day', { firstDay: undefined }, true],
];
for (const [description, times, stale] of rows)
  test(`a forecast ${description}`, () => assert.equal(isStale({ ...FRESH, ...times }, AFTER, NOW), stale));

test('compares a forecast’s first day with the day in Beijing', () => {
  const now = Date.parse('2026-11-22T16:00:00Z');
  assert.equal(isStale({ succeededMs: now, issuedMs: now, firstDay: '2026-11-23' }, AFTER, now), false);
});
