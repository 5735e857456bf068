import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quotas } from '../../../local/amap/quotas.ts';

const NOON = Date.parse('2026-07-01T12:00:00+08:00');

test('answers no more calls than allowed in any period of one second, and only calls above the limit get an error', () => {
  const quotas = new Quotas();
  quotas.set({ qps: 3 });
  const calls = [0, 500, 999, 999.9, 1_000, 1_200, 1_500, 1_998, 1_999, 2_000, 5_000];
  const answered = calls.filter((now) => quotas.admitCall(NOON, now) === undefined);
  assert.deepEqual(answered, [0, 500, 999, 1_000, 1_500, 1_999, 2_000, 5_000]);
});

test('a call above the limit per second does not count for the day', () => {
  const quotas = new Quotas();
  quotas.set({ qps: 1, daily: 2 });
  const infocodes = [0, 1, 2, 1_500, 3_000].map((now) => quotas.admitCall(NOON, now));
  assert.deepEqual(infocodes, [undefined, '10021', '10021', undefined, '10003']);
});

test('without limits, every call is answered', () => {
  const quotas = new Quotas();
  for (let call = 0; call < 1_000; call++) assert.equal(quotas.admitCall(NOON, 0), undefined);
});
