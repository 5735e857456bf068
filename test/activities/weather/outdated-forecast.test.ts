import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWeatherFixture } from './weather-test-deps.ts';

const TEN_DAYS_MS = 10 * 24 * 60 * 60 * 1_000;

test('stores no forecast whose days are all in the past, and marks the place as failed', async (t) => {
  const fixture = await startWeatherFixture(t);
  const later = fixture.deps({ clock: () => Date.now() + TEN_DAYS_MS });
  const { counts } = await fixture.refresh(later, ['330100']);
  assert.deepEqual([counts.fresh, counts.written, counts.failed], [0, 0, { transient: 1 }]);
  assert.deepEqual(await fixture.rows('330100'), []);
  const { outcome, code, succeeded } = (await fixture.freshness('330100')) ?? {};
  assert.deepEqual([outcome, code, succeeded], ['transient', 'outdated', undefined]);
});
