import assert from 'node:assert/strict';
import { test } from 'node:test';
import { similarPlaces } from '../../../domain/catalogue/similar-places.ts';

const meant: readonly (readonly [typed: string, name: string, why: string])[] = [
  ['杭洲', '杭州市', 'a wrong character'],
  ['杭州县', '杭州市', 'a wrong kind'],
  ['乐青市', '乐清市', 'a wrong character, the kind right'],
  ['beijin', '北京市', 'a letter missing'],
  ['hangzou', '杭州市', 'a letter missing inside'],
  ['330399', '龙港市', 'a code that no county of 温州 has'],
  ['339999', '龙泉市', 'a code of 浙江 far from all others'],
  ['330000000', '浙江省', 'a code that is too long'],
  ['北京', '北京市', 'a name that is right'],
];

for (const [typed, name, why] of meant) {
  test(`${typed} is near ${name}: ${why}`, () => {
    const names = similarPlaces(typed, 5).map((place) => place.name);
    assert.ok(names.includes(name), names.join(' '));
    assert.ok(names.length <= 5);
  });
}

for (const typed of ['', '  ', 'tokyo-haneda', '990000', 'München am See', '💥'])
  test(`nothing is near ${JSON.stringify(typed)}`, () => assert.deepEqual(similarPlaces(typed, 5), []));
