import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adcodeOfSubscription } from '../../domain/alerts/subscription.ts';
import { ulid } from '../../domain/ulid.ts';

test('a ULID has the time in its first ten characters, and the random bytes in the others', () => {
  // Examples of the reference implementation.
  assert.equal(ulid(1_469_918_176_385, new Uint8Array(10)), '01ARYZ6S410000000000000000');
  assert.equal(ulid(1_469_922_850_259, new Uint8Array(10)), '01ARZ3NDEK0000000000000000');
  assert.equal(ulid(1_469_922_850_259, new Uint8Array(32).fill(255)).slice(10), 'ZZZZZZZZZZZZZZZZ');
  assert.equal(ulid(2 ** 48 - 1, new Uint8Array(10)), '7ZZZZZZZZZ0000000000000000');
  assert.equal(ulid(0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 33)), '00000000000000000000000011');
});

test('later ULIDs are greater, and are part of the ids of subscriptions', () => {
  const random = new Uint8Array(10).fill(77);
  assert.ok(ulid(1_000, random) < ulid(1_001, random));
  assert.ok(ulid(Date.parse('2026-01-01'), random) < ulid(Date.parse('2036-01-01'), random));
  assert.equal(adcodeOfSubscription(`110000-${ulid(Date.now(), random)}`), '110000');
});
