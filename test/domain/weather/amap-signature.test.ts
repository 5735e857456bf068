import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { amapSignature } from '../../../domain/weather/amap-protocol.ts';

test('signs a request as in the example of AMap’s documentation', () => {
  const parameters = { a: '23', b: '12', d: '48', f: '8', c: '67' };
  assert.equal(amapSignature(parameters, 'bbbbb'), 'a89e8c2266d888860c46672d77d069f3');
});

test('signs values without URL encoding', () => {
  const expected = createHash('md5').update('city=杭州 & 上海&key=kS').digest('hex');
  assert.equal(amapSignature({ key: 'k', city: '杭州 & 上海' }, 'S'), expected);
});
