import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeName } from '../../../../domain/alerts/text/place-name.ts';

const names: readonly (readonly [string, string, string])[] = [
  ['110105', '北京·朝阳区', 'Chaoyang, Beijing'],
  ['110000', '北京', 'Beijing'],
  ['330382', '温州·乐清市', 'Yueqing, Wenzhou'],
  ['440100', '广州', 'Guangzhou'],
  ['000000', '000000', '000000'],
];
for (const [adcode, zh, en] of names)
  test(`the name of ${adcode} is ${zh} and ${en}`, () => assert.deepEqual(placeName(adcode), { zh, en }));
