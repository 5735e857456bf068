import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addCounts,
  countPlaces,
  NO_COUNTS,
  type RefreshCounts,
} from '../../../domain/weather/refresh-run.ts';

const one: RefreshCounts = {
  ...{ fresh: 10, empty: 2, failed: { place: 1, transient: 3 }, skipped: 4 },
  ...{ calls: 25, written: 30, unchanged: 10 },
};
const other: RefreshCounts = {
  ...{ fresh: 1, empty: 1, failed: { place: 2, throttled: 1 }, skipped: 0 },
  ...{ calls: 5, written: 2, unchanged: 2 },
};

test('adds counts, and failures by class', () => {
  assert.deepEqual(addCounts(one, other), {
    ...{ fresh: 11, empty: 3, failed: { place: 3, transient: 3, throttled: 1 }, skipped: 4 },
    ...{ calls: 30, written: 32, unchanged: 12 },
  });
  assert.deepEqual(addCounts(NO_COUNTS, one), one);
  assert.deepEqual(NO_COUNTS.failed, {});
});

test('counts every place once, whatever its outcome is', () => {
  assert.equal(countPlaces(one), 20);
  assert.equal(countPlaces(NO_COUNTS), 0);
});
