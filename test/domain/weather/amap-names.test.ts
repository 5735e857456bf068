import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amapProvince } from '../../../domain/weather/amap-protocol.ts';

const names: readonly (readonly [official: string, short: string])[] = [
  ['北京市', '北京'],
  ['浙江省', '浙江'],
  ['黑龙江省', '黑龙江'],
  ['内蒙古自治区', '内蒙古'],
  ['广西壮族自治区', '广西'],
  ['宁夏回族自治区', '宁夏'],
  ['新疆维吾尔自治区', '新疆'],
  ['西藏自治区', '西藏'],
  ['香港特别行政区', '香港'],
  ['', ''],
];

for (const [official, short] of names)
  test(`AMap's name of the province "${official}" is "${short}"`, () =>
    assert.equal(amapProvince(official), short));
