import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyPhenomenon } from '../../../domain/weather/phenomena.ts';
import { wmoPhenomenon } from '../../../domain/weather/wmo-codes.ts';

/** The codes in Open-Meteo's documentation, by its descriptions. */
const codes: readonly (readonly [description: string, texts: string, ...codes: number[]])[] = [
  ['Clear sky', '晴', 0],
  ['Mainly clear, partly cloudy, and overcast', '少云 多云 阴', 1, 2, 3],
  ['Fog and depositing rime fog', '雾 雾', 45, 48],
  ['Drizzle: light, moderate, and dense', '毛毛雨/细雨 毛毛雨/细雨 毛毛雨/细雨', 51, 53, 55],
  ['Freezing drizzle: light and dense', '冻雨 冻雨', 56, 57],
  ['Rain: slight, moderate and heavy', '小雨 中雨 大雨', 61, 63, 65],
  ['Freezing rain: light and heavy', '冻雨 冻雨', 66, 67],
  ['Snow fall: slight, moderate, and heavy', '小雪 中雪 大雪', 71, 73, 75],
  ['Snow grains', '小雪', 77],
  ['Rain showers: slight, moderate, and violent', '阵雨 阵雨 强阵雨', 80, 81, 82],
  ['Snow showers slight and heavy', '阵雪 大雪', 85, 86],
  ['Thunderstorm: slight or moderate', '雷阵雨', 95],
  ['Thunderstorm with slight and heavy hail', '雷阵雨并伴有冰雹 雷阵雨并伴有冰雹', 96, 99],
];

for (const [description, texts, ...listed] of codes) {
  test(`${description} (${listed.join(', ')}) is ${texts}`, () =>
    assert.equal(listed.map(wmoPhenomenon).join(' '), texts));
}

test('maps every code from 0 to 99 to a phenomenon, undocumented codes to 未知', () => {
  const listed = new Set(codes.flatMap(([, , ...some]) => some));
  for (let code = 0; code < 100; code++) {
    assert.ok(classifyPhenomenon(wmoPhenomenon(code)).known, String(code));
    assert.equal(wmoPhenomenon(code) === '未知', !listed.has(code), String(code));
  }
  for (const code of [-1, 100, 0.5, Number.NaN]) assert.equal(wmoPhenomenon(code), '未知');
});
