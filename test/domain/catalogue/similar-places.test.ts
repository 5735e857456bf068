import assert from 'node:assert/strict';
import { test } from 'node:test';
import { similarPlaces } from '../../../domain/catalogue/similar-places.ts';

const meant: readonly (readonly [typed: string, name: string, why: string])[] = [
  ['杭洲', '杭州市', 'a wrong character'],
  ['杭州县', '杭州市', 'a wrong kind'],
  ['乐青市', '乐清市', 'a wrong character, the kind right'],
  ['beijin', '北京市', 'a missing letter'],
  ['hangzou', '杭州市', 'a missing letter in the middle'],
  ['330399', '龙港市', 'a code that no county of 温州 has'],
  ['339999', '龙泉市', 'a code in 浙江 far from all valid ones'],
  ['330000000', '浙江省', 'a code that is too long'],
  ['北京', '北京市', 'a correct name'],
];

for (const [typed, name, why] of meant) {
  test(`suggests ${name} for ${typed}: ${why}`, () => {
    const names = similarPlaces(typed, 5).map((place) => place.name);
    assert.ok(names.includes(name), names.join(' '));
    assert.ok(names.length <= 5);
  });
}

for (const typed of ['', '  ', 'tokyo-haneda', '990000', 'München am See', '💥'])
  test(`suggests nothing for ${JSON.stringify(typed)}`, () => assert.deepEqual(similarPlaces(typed, 5), []));
