import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ForecastTimes, isStale } from '../../../domain/weather/staleness.ts';

const NOW = Date.parse('2026-11-22T20:00:00+08:00');
const HOUR = 3_600_000;
const AFTER = { staleAfterMs: 7 * HOUR, issueStaleAfterMs: 24 * HOUR };
const FRESH: ForecastTimes = { succeededMs: NOW, issuedMs: NOW, firstDay: '2026-11-22' };

const rows: readonly (readonly [string, Partial<ForecastTimes>, boolean])[] = [
  ['of now is fresh', {}, false],
  ['whose provider succeeded just long enough ago is fresh', { succeededMs: NOW - 7 * HOUR }, false],
  ['whose provider succeeded a millisecond longer ago is stale', { succeededMs: NOW - 7 * HOUR - 1 }, true],
  ['whose provider never succeeded is stale', { succeededMs: undefined }, true],
  ['that was issued just long enough ago is fresh', { issuedMs: NOW - 24 * HOUR }, false],
  ['that was issued a millisecond longer ago is stale', { issuedMs: NOW - 24 * HOUR - 1 }, true],
  ['that does not say when it was issued is fresh', { issuedMs: undefined }, false],
  ['that begins tomorrow is stale', { firstDay: '2026-11-23' }, true],
  ['that begins yesterday is stale', { firstDay: '2026-11-21' }, true],
  ['without a day is stale', { firstDay: undefined }, true],
];
for (const [what, times, stale] of rows)
  test(`a forecast ${what}`, () => assert.equal(isStale({ ...FRESH, ...times }, AFTER, NOW), stale));

test('a forecast’s first day is compared with the day in Beijing', () => {
  const now = Date.parse('2026-11-22T16:00:00Z');
  assert.equal(isStale({ succeededMs: now, issuedMs: now, firstDay: '2026-11-23' }, AFTER, now), false);
});
