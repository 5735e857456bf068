import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setWeatherStage } from './weather-test-deps.ts';

const TEN_DAYS_MS = 10 * 24 * 60 * 60 * 1_000;

test('stores no forecast whose days are all in the past, and marks the place as failed', async (t) => {
  const stage = await setWeatherStage(t);
  const later = stage.deps({ clock: () => Date.now() + TEN_DAYS_MS });
  const { counts } = await stage.refresh(later, ['330100']);
  assert.deepEqual([counts.fresh, counts.written, counts.failed], [0, 0, { transient: 1 }]);
  assert.deepEqual(await stage.rows('330100'), []);
  const { outcome, code, succeeded } = (await stage.freshness('330100')) ?? {};
  assert.deepEqual([outcome, code, succeeded], ['transient', 'outdated', undefined]);
});
