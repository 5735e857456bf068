import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amapFailure } from '../../../../adapters/forecast/amap/amap-failure.ts';
import { INFOCODES } from './infocodes.ts';

const AT = Date.parse('2026-11-22T10:00:17.250+08:00');

const failureOf = (infocode: string, info = 'SAID') => amapFailure({ infocode, info }, '杭州市 (330100)', AT);

for (const [failure, infocodes] of INFOCODES)
  for (const infocode of infocodes)
    test(`${infocode} is ${failure}`, () => {
      const { class: failureClass, code } = failureOf(infocode);
      assert.deepEqual([failureClass, code], [failure, infocode]);
    });

test('an undocumented code is transient, and keeps the provider’s text', () => {
  assert.deepEqual(failureOf('10050', 'MONTHLY_OVER'), {
    ...{ class: 'transient', code: '10050' },
    reason: 'AMap rejected 杭州市 (330100): 10050 MONTHLY_OVER',
  });
});

test('a documented code has its documented name, whatever the provider’s text is', () => {
  assert.equal(failureOf('10001').reason, 'AMap rejected 杭州市 (330100): 10001 INVALID_USER_KEY');
});

test('only the failure "too fast per minute" has a known wait: until the next minute', () => {
  assert.equal(failureOf('10004').afterMs, 42_750);
  for (const infocode of ['10021', '10003', '10001', '10050'])
    assert.equal(failureOf(infocode).afterMs, undefined);
});
