import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpareCallPool } from '../../../domain/weather/spare-call-pool.ts';

test('divides calls evenly among the first batches, and gives the remaining calls to later batches', () => {
  const pool = new SpareCallPool(10, 4);
  assert.deepEqual([pool.takeShare(), pool.takeShare(), pool.takeShare(), pool.takeShare()], [3, 3, 2, 2]);
  pool.returnUnused(3);
  assert.equal(pool.takeShare(), 3);
  pool.returnUnused(0);
  assert.equal(pool.takeShare(), 0);
});

test('gives unlimited shares if there is no limit', () => {
  const pool = new SpareCallPool(undefined, 4);
  assert.deepEqual([pool.takeShare(), pool.takeShare()], [undefined, undefined]);
  pool.returnUnused(0);
  assert.equal(pool.takeShare(), undefined);
});

test('never gives out more calls than it has, and loses none', () => {
  const steps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(5_000), fc.integer({ min: 1, max: 6 }), steps, (calls, parallel, unused) => {
      const pool = new SpareCallPool(calls, parallel);
      const shares: number[] = [];
      let spent = 0;
      for (const part of unused) {
        if (shares.length === parallel) {
          const share = shares.shift() ?? 0;
          const left = Math.floor(share * part);
          spent += share - left;
          pool.returnUnused(left);
        }
        const share = pool.takeShare() ?? Number.NaN;
        assert.ok(Number.isInteger(share) && share >= 0, `${share}`);
        shares.push(share);
        assert.ok(spent + shares.reduce((sum, one) => sum + one, 0) <= calls);
      }
      for (const share of shares) pool.returnUnused(share);
      assert.equal(pool.takeShare(), Math.ceil((calls - spent) / parallel));
    }),
  );
});
