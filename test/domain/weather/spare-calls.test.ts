import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spareCalls } from '../../../domain/weather/spare-calls.ts';

const cases: readonly (readonly [needed: number[], allowance: number, spare: number[]])[] = [
  [[100, 100, 50], 255, [2, 2, 1]],
  [[100, 100, 100], 301, [0, 0, 1]],
  [[20], 25, [5]],
  [[20, 5], 25, [0, 0]],
  // Two tiers that each round up need more calls than were planned with.
  [[1, 2], 2, [0, 0]],
  [[], 40, []],
];
for (const [needed, allowance, spare] of cases)
  test(`of ${allowance} calls batches that need ${needed} have ${spare} to spare`, () =>
    assert.deepEqual(spareCalls(needed, allowance), spare));

test('nothing is lost in the sharing, and nobody has a whole call more than the share', () => {
  const batches = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 0, max: 20_000 }), (needed, allowance) => {
      const all = needed.reduce((sum, calls) => sum + calls, 0);
      const spare = Math.max(0, allowance - all);
      const shared = spareCalls(needed, allowance);
      assert.equal(
        shared.reduce((sum, calls) => sum + calls, 0),
        spare,
      );
      for (const [index, calls] of needed.entries())
        assert.ok(Math.abs((shared[index] ?? 0) - (spare * calls) / all) < 1 + 1e-9);
    }),
  );
});
